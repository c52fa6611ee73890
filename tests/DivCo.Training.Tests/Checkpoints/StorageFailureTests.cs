using System.Diagnostics;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

/// <summary>A file system that refuses: a real one, full or read-only.</summary>
public sealed class StorageFailureTests
{
    [Fact]
    public void A_full_disk_is_told_leaves_nothing_and_heals()
    {
        using var disk = SmallDisk.Mount();
        var checkpoints = new CheckpointFolder(disk.Path);
        WrittenCheckpoint first = checkpoints.Write(Samples.Snapshot(100), Samples.Facts());

        // Sizes that run full in the first file, in the second, and in the last flush.
        foreach (int size in new[] { 600_000, 90_000, 60_000 })
        {
            var refused = Assert.Throws<CheckpointException>(() => checkpoints.Write(Samples.Snapshot(200, size: size), Samples.Facts()));
            Assert.Equal(CheckpointFault.Storage, refused.Fault);
            Assert.Contains("step-000200-e8: cannot be written", refused.Message, StringComparison.Ordinal);
            Assert.Contains("space", refused.Message, StringComparison.OrdinalIgnoreCase);
            Assert.Equal([first.Path], Directory.GetFileSystemEntries(disk.Path));
        }

        checkpoints.Verify(first.Path, Samples.TrialHash, first.ManifestSha256);
        WrittenCheckpoint second = checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        checkpoints.Verify(second.Path, Samples.TrialHash, second.ManifestSha256);
    }

    [Fact]
    public void A_read_only_disk_is_told_for_writing_and_deleting_and_can_be_read()
    {
        using var disk = SmallDisk.Mount();
        var checkpoints = new CheckpointFolder(disk.Path);
        WrittenCheckpoint first = checkpoints.Write(Samples.Snapshot(100), Samples.Facts());
        disk.Remount("ro");
        Assert.Equal(CheckpointFault.Storage, Assert.Throws<CheckpointException>(() => checkpoints.Write(Samples.Snapshot(200), Samples.Facts())).Fault);
        Assert.Equal(CheckpointFault.Storage, Assert.Throws<CheckpointException>(() => checkpoints.Delete(first.Name)).Fault);
        checkpoints.RemoveUnfinished();
        Samples.AssertSame(Samples.Snapshot(100), checkpoints.Load(first.Path, Samples.TrialHash));
        disk.Remount("rw");
        checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
    }

    [Fact]
    public void A_file_where_the_folder_should_be_is_told()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("taken"), "");
        var checkpoints = new CheckpointFolder(folder.File("taken", "checkpoints"));
        Assert.Equal(CheckpointFault.Storage, Assert.Throws<CheckpointException>(() => checkpoints.Write(Samples.Snapshot(200), Samples.Facts())).Fault);
    }

    /// <summary>One MiB of tmpfs in a folder of its own.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string Path => _folder;

        public static SmallDisk Mount()
        {
            var disk = new SmallDisk();
            string? refusal = Environment.IsPrivilegedProcess ? Run("mount", "-t", "tmpfs", "-o", "size=1m", "divco-test", disk.Path) : "this needs root";
            if (refusal is not null)
            {
                disk._folder.Dispose();
                Assert.Skip($"No small disk could be mounted: {refusal}");
            }

            return disk;
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
}
