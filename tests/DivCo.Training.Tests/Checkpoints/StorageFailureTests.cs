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
}
