using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointFolder _checkpoints;

    public CheckpointFolderTests() => _checkpoints = new CheckpointFolder(_folder.File("sweep", "trials", "3", "checkpoints"));

    [Fact]
    public void What_was_written_comes_back_bit_for_bit()
    {
        TrainingSnapshot snapshot = Samples.Snapshot(200);
        WrittenCheckpoint written = _checkpoints.Write(snapshot, Samples.Facts());
        Assert.Equal("step-000200-e8", written.Name);
        Assert.Equal(Path.Combine(_checkpoints.Root, "step-000200-e8"), written.Path);
        Samples.AssertSame(snapshot, _checkpoints.Load(written.Path, Samples.TrialHash));
        Samples.AssertSame(snapshot, _checkpoints.Load(written.Name, Samples.TrialHash));
        CheckpointManifest manifest = _checkpoints.Verify(written.Path + "/", Samples.TrialHash, written.ManifestSha256);
        Assert.Equal(Samples.Facts().Metrics, manifest.Metrics);
        Assert.Equal([written.Path], Directory.GetFileSystemEntries(_checkpoints.Root));
        Assert.Equal(4, Directory.GetFileSystemEntries(written.Path).Length);
        Assert.Equal((Samples.Trial, "hash-of-the-data"), (_checkpoints.ReadTrial(written.Name, manifest), manifest.DatasetSha256));
    }

    [Fact]
    public void The_manifest_tells_the_hashes_that_sha256sum_finds()
    {
        WrittenCheckpoint written = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(written.Path, file))));
        JsonElement manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(written.Path, "manifest.json"))).RootElement;
        (string weights, string optimizer) = (Sha256("weights.safetensors"), Sha256("optimizer.safetensors"));
        string state = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"weights={weights}\noptimizer={optimizer}\nstep=200\n")));

        Assert.Equal(Sha256("manifest.json"), written.ManifestSha256);
        Assert.Equal(1, manifest.GetProperty("format_version").GetInt32());
        Assert.Equal("sweep/3", manifest.GetProperty("trial_id").GetString());
        Assert.Equal(Samples.TrialHash, manifest.GetProperty("trial_hash").GetString());
        Assert.Equal((200, 8), (manifest.GetProperty("step").GetInt32(), manifest.GetProperty("epoch").GetInt32()));
        Assert.Equal(weights, manifest.GetProperty("weights_sha256").GetString());
        Assert.Equal(state, manifest.GetProperty("state_sha256").GetString());
        Assert.Equal("cpu avx2 2.10", manifest.GetProperty("hardware_class").GetString());
        Assert.Equal("NaN", manifest.GetProperty("metrics").GetProperty("loss_d").GetString());
        Assert.Equal(0.1 + 0.2, manifest.GetProperty("metrics").GetProperty("loss_g").GetDouble());
        Assert.Equal(weights, manifest.GetProperty("files").GetProperty("weights.safetensors").GetProperty("sha256").GetString());
        Assert.Equal(
            new FileInfo(Path.Combine(written.Path, "optimizer.safetensors")).Length,
            manifest.GetProperty("files").GetProperty("optimizer.safetensors").GetProperty("bytes").GetInt64());
    }

    /// <summary>As earlier releases wrote them: what was added since is absent, and the bytes are those of then.</summary>
    [Fact]
    public void A_checkpoint_without_its_trial_and_data_is_still_read()
    {
        WrittenCheckpoint written = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts() with { Trial = null, DatasetSha256 = null });
        Assert.DoesNotContain("dataset", File.ReadAllText(Path.Combine(written.Path, "manifest.json")), StringComparison.Ordinal);
        Assert.Null(_checkpoints.ReadTrial(written.Name, _checkpoints.Verify(written.Name, Samples.TrialHash)));
        Samples.AssertSame(Samples.Snapshot(200), _checkpoints.Load(written.Name, Samples.TrialHash));
    }

    [Fact]
    public void The_same_state_may_be_written_again_and_changes_nothing()
    {
        WrittenCheckpoint first = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        byte[] manifest = File.ReadAllBytes(Path.Combine(first.Path, "manifest.json"));
        WrittenCheckpoint second = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts() with { Metrics = new Dictionary<string, double>() });
        Assert.Equal(first.ManifestSha256, second.ManifestSha256);
        Assert.Equal(first.Manifest.WrittenAt, second.Manifest.WrittenAt);
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(first.Path, "manifest.json")));
        Assert.Equal([first.Path], Directory.GetFileSystemEntries(_checkpoints.Root));
    }

    [Fact]
    public void Another_state_under_the_same_name_is_refused_and_the_first_stays()
    {
        WrittenCheckpoint first = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        TrainingSnapshot otherMoments = Samples.Snapshot(200) with { Moments = Samples.Snapshot(200, seed: 2).Moments };
        foreach ((TrainingSnapshot snapshot, CheckpointFacts facts) in new[]
        {
            (Samples.Snapshot(200, seed: 2), Samples.Facts()),
            (otherMoments, Samples.Facts()),
            (Samples.Snapshot(200), Samples.Facts(trialHash: "another")),
        })
        {
            var refused = Assert.Throws<CheckpointException>(() => _checkpoints.Write(snapshot, facts));
            Assert.Equal(CheckpointFault.Conflict, refused.Fault);
            Assert.Contains("step-000200-e8", refused.Message, StringComparison.Ordinal);
        }

        _checkpoints.Verify(first.Path, Samples.TrialHash, first.ManifestSha256);
        Assert.Equal([first.Path], Directory.GetFileSystemEntries(_checkpoints.Root));
    }

    [Fact]
    public void A_damaged_checkpoint_is_not_overwritten_either()
    {
        WrittenCheckpoint first = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        File.Delete(Path.Combine(first.Path, "optimizer.safetensors"));
        var refused = Assert.Throws<CheckpointException>(() => _checkpoints.Write(Samples.Snapshot(200), Samples.Facts()));
        Assert.Equal(CheckpointFault.Conflict, refused.Fault);
        Assert.True(_checkpoints.Delete(first.Name));
        _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        _checkpoints.Verify(first.Path, Samples.TrialHash);
    }

    [Fact]
    public void Names_are_in_order_of_steps_and_epochs_and_leave_out_the_rest()
    {
        Assert.Empty(_checkpoints.Names());
        foreach ((int step, uint epoch) in new[] { (1_000_000, 1u), (200, 10u), (200, 9u), (0, 1u) })
        {
            _checkpoints.Write(Samples.Snapshot(step), Samples.Facts(epoch));
        }

        Directory.CreateDirectory(Path.Combine(_checkpoints.Root, "step-x"));
        Directory.CreateDirectory(Path.Combine(_checkpoints.Root, "step-0000200-e9"));
        Assert.Equal(["step-000000-e1", "step-000200-e9", "step-000200-e10", "step-1000000-e1"], _checkpoints.Names());
    }

    [Fact]
    public void A_checkpoint_is_deleted_once_and_repeated_deletion_is_harmless()
    {
        WrittenCheckpoint written = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        Assert.True(_checkpoints.Delete(written.Name));
        Assert.False(_checkpoints.Delete(written.Name));
        Assert.Empty(Directory.GetFileSystemEntries(_checkpoints.Root));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../step-000200-e8")]
    [InlineData("/step-000200-e8")]
    [InlineData("step-000200-e8/")]
    [InlineData("step-000200-e8\n")]
    [InlineData("step-200-e8")]
    [InlineData("step-000200-e08")]
    [InlineData("step-000200-e4294967296")]
    [InlineData("step-9999999999-e8")]
    [InlineData("step-٠٠٠٢٠٠-e8")]
    [InlineData("")]
    public void Only_the_name_of_a_checkpoint_can_be_deleted(string name)
    {
        Assert.False(CheckpointName.TryParse(name, out _, out _));
        Assert.Throws<ArgumentException>(() => _checkpoints.Delete(name));
    }

    [Fact]
    public void What_a_killed_writer_left_is_removed_and_what_a_live_one_is_at_is_not()
    {
        WrittenCheckpoint kept = _checkpoints.Write(Samples.Snapshot(200), Samples.Facts());
        string torn = Made(".writing-step-000400-e8-a", "weights.safetensors", "manifest.json");
        string empty = Made(".writing-step-000400-e8-b");
        string condemned = Made(".deleting-c", "manifest.json");
        string foreign = Made("notes", "todo.txt");
        string alive = Made(".writing-step-000600-e9-d", "weights.safetensors");
        File.WriteAllText(torn + ".lock", "");
        File.WriteAllText(foreign + ".lock", "");
        File.WriteAllText(torn[..^1] + "e.lock", "");
        using (DurableFiles.Create(alive + ".lock", FileOptions.DeleteOnClose))
        {
            _checkpoints.RemoveUnfinished();
        }

        Assert.Equal([false, false, false, true, true, true], new[] { torn, empty, condemned, foreign, alive, kept.Path }.Select(Directory.Exists));
        _checkpoints.RemoveUnfinished();
        Assert.Equal([foreign, foreign + ".lock", kept.Path], Directory.GetFileSystemEntries(_checkpoints.Root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_tensor_that_cannot_be_written_leaves_nothing_behind()
    {
        var unwritable = new TrainingSnapshot(200, Samples.Snapshot(1).Weights, [new TensorRecord("a", [2], new[] { 1f })]);
        Assert.Throws<ArgumentException>(() => _checkpoints.Write(unwritable, Samples.Facts()));
        Assert.Empty(Directory.GetFileSystemEntries(_checkpoints.Root));
    }

    [Fact]
    public void Many_writers_of_one_name_make_one_checkpoint()
    {
        WrittenCheckpoint[] written = [.. Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(8).Select(_ => _checkpoints.Write(Samples.Snapshot(200), Samples.Facts()))];
        Assert.Single(written.Select(one => one.ManifestSha256).Distinct());
        Assert.Equal([written[0].Path], Directory.GetFileSystemEntries(_checkpoints.Root));
        _checkpoints.Verify(written[0].Path, Samples.TrialHash, written[0].ManifestSha256);
    }

    public void Dispose() => _folder.Dispose();

    private string Made(string name, params string[] files)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_checkpoints.Root, name)).FullName;
        foreach (string file in files)
        {
            File.WriteAllText(Path.Combine(folder, file), "half");
        }

        return folder;
    }
}
