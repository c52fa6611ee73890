using System.Diagnostics;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>A real file system of its own at a folder, which can be full or read-only.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    private string Filler => Path.Combine(_path, ".filler");

    /// <summary>Mounts it; the test is skipped where that is not allowed.</summary>
    public static SmallDisk Mount(string path, int megabytes = 16)
    {
        Directory.CreateDirectory(path);
        var refusal = Environment.IsPrivilegedProcess ? Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "divco-test", path) : "this needs root";
        Assert.SkipWhen(refusal is not null, $"No small disk could be mounted: {refusal}");
        return new SmallDisk(path);
    }

    /// <summary>Leaves no page free, and sees to it that nobody found one in between.</summary>
    public void Fill()
    {
        var page = new byte[Environment.SystemPageSize];
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Empty() => File.Delete(Filler);

    /// <summary>Refused while a file is open for writing, so it is tried until none is.</summary>
    public Task MakeReadOnly() => Deadline.Until("the disk to be read-only", () => Run("mount", "-o", "remount,ro", _path) is null);

    public void MakeWritable() => Assert.Null(Run("mount", "-o", "remount,rw", _path));

    public void Dispose() => Run("umount", "--lazy", _path);

    /// <summary>What the command complained of, or null.</summary>
    private static string? Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors;
    }
}
