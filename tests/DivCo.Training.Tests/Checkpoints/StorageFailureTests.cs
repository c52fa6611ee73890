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

        // With more and more pages left, the disk runs full in one file after another.
        string filler = disk.Fill();
        int refusals = 0;
        WrittenCheckpoint? second = null;
        while (second is null && refusals < 20)
        {
            string[] before = Directory.GetFileSystemEntries(disk.Path);
            try
            {
                second = checkpoints.Write(Samples.Snapshot(200, size: 1_500), Samples.Facts());
            }
            catch (CheckpointException refused)
            {
                refusals++;
                Assert.Equal(CheckpointFault.Storage, refused.Fault);
                Assert.Contains("step-000200-e8: cannot be written", refused.Message, StringComparison.Ordinal);
                Assert.Contains("No space left on device", refused.Message, StringComparison.Ordinal);
                Assert.Equal(before, Directory.GetFileSystemEntries(disk.Path));
                using FileStream smaller = File.OpenWrite(filler);
                smaller.SetLength(smaller.Length - Environment.SystemPageSize);
            }
        }

        // 6,000 + 16 bytes of weights and 12,000 of moments: two pages, three, and one for the manifest.
        Assert.InRange(refusals, 5, 8);
        checkpoints.Verify(first.Path, Samples.TrialHash, first.ManifestSha256);
        checkpoints.Verify(second!.Path, Samples.TrialHash, second.ManifestSha256);
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
}
