using System.Diagnostics;

namespace DivCo.Training.Tests.Checkpoints;

/// <summary>Some MiB of tmpfs in a folder of its own; tests that want one are skipped where they may not mount it.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder;

    public static SmallDisk Mount(int megabytes = 1)
    {
        var disk = new SmallDisk();
        string? refusal = Environment.IsPrivilegedProcess ? Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "divco-test", disk.Path) : "this needs root";
        if (refusal is not null)
        {
            disk._folder.Dispose();
            Assert.Skip($"No small disk could be mounted: {refusal}");
        }

        return disk;
    }

    /// <summary>A file that leaves no page free.</summary>
    public string Fill()
    {
        string path = System.IO.Path.Combine(Path, "filler");
        byte[] page = new byte[Environment.SystemPageSize];
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }

    public void Remount(string mode) => Assert.Null(Run("mount", "-o", $"remount,{mode}", Path));

    public void Dispose()
    {
        Assert.Null(Run("umount", Path));
        _folder.Dispose();
    }

    /// <summary>What the command complained of, or null.</summary>
    private static string? Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors;
    }
}
