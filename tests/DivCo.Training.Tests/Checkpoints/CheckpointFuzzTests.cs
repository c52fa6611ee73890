using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

/// <summary>Two sound checkpoints, then accidents to one of them: it is refused with the file's name, or it is still itself.</summary>
public sealed class CheckpointFuzzTests : IDisposable
{
    private static readonly string[] Files = ["weights.safetensors", "optimizer.safetensors", "trial.json", "manifest.json"];

    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointFolder _checkpoints;
    private readonly WrittenCheckpoint _victim;
    private readonly WrittenCheckpoint _other;
    private readonly Dictionary<string, byte[]> _sound;

    public CheckpointFuzzTests()
    {
        _checkpoints = new CheckpointFolder(_folder);
        _other = _checkpoints.Write(Samples.Snapshot(200, seed: 2), Samples.Facts() with { Trial = "{\"task\": \"paired\"}" });
        _victim = _checkpoints.Write(Samples.Snapshot(400, seed: 1), Samples.Facts());
        _sound = Files.ToDictionary(file => file, file => File.ReadAllBytes(Path.Combine(_victim.Path, file)));
    }

    [Fact]
    public void Torn_truncated_flipped_and_scrambled_files_are_refused_by_name()
    {
        for (int seed = 0; seed < 4_000; seed++)
        {
            string file = Files[seed % Files.Length];
            File.WriteAllBytes(Path.Combine(_victim.Path, file), Damage.Apply(_sound[file], seed));
            AssertRefused(file, $"seed {seed}", CheckpointFault.Damaged, CheckpointFault.Foreign);
            File.WriteAllBytes(Path.Combine(_victim.Path, file), _sound[file]);
        }

        AssertSound();
    }

    [Fact]
    public void Several_files_damaged_at_once_are_refused()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            foreach (string file in Files)
            {
                File.WriteAllBytes(Path.Combine(_victim.Path, file), Damage.Apply(_sound[file], seed + file.Length));
            }

            AssertRefused("", $"seed {seed}", CheckpointFault.Damaged, CheckpointFault.Foreign);
        }
    }

    [Fact]
    public void Every_single_flipped_bit_of_a_manifest_is_refused()
    {
        byte[] manifest = _sound["manifest.json"];
        Assert.Equal(_victim.Manifest.StateSha256, CheckpointManifest.Decode(manifest).StateSha256);
        for (int bit = 0; bit < manifest.Length * 8; bit++)
        {
            manifest[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => CheckpointManifest.Decode(manifest));
            manifest[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Missing_files_and_folders_in_their_place_are_refused()
    {
        foreach (string file in Files)
        {
            string path = Path.Combine(_victim.Path, file);
            File.Delete(path);
            AssertRefused(file, "missing", CheckpointFault.Missing);
            Directory.CreateDirectory(path);
            AssertRefused(file, "a folder", CheckpointFault.Storage);
            Directory.Delete(path);
            File.CreateSymbolicLink(path, path);
            AssertRefused(file, "a circular link", CheckpointFault.Storage);
            File.Delete(path);
            File.WriteAllBytes(path, []);
            AssertRefused(file, "empty", CheckpointFault.Damaged);
            File.WriteAllBytes(path, _sound[file]);
        }

        AssertSound();
        Directory.Delete(_victim.Path, recursive: true);
        AssertRefused("", "no folder", CheckpointFault.Missing);
    }

    [Fact]
    public void Files_of_another_checkpoint_are_refused_in_every_mixture()
    {
        for (int mixture = 1; mixture < 1 << Files.Length; mixture++)
        {
            for (int i = 0; i < Files.Length; i++)
            {
                string source = (mixture & (1 << i)) != 0 ? _other.Path : _victim.Path;
                byte[] bytes = source == _other.Path ? File.ReadAllBytes(Path.Combine(source, Files[i])) : _sound[Files[i]];
                File.WriteAllBytes(Path.Combine(_victim.Path, Files[i]), bytes);
            }

            AssertRefused("", $"mixture {mixture}", CheckpointFault.Damaged, CheckpointFault.Foreign);
        }
    }

    [Fact]
    public void Another_trial_another_name_and_another_manifest_are_refused()
    {
        Assert.Equal(CheckpointFault.Foreign, Assert.Throws<CheckpointException>(() => _checkpoints.Load(_victim.Path, "another")).Fault);
        Assert.Equal(
            CheckpointFault.Foreign,
            Assert.Throws<CheckpointException>(() => _checkpoints.Verify(_victim.Path, Samples.TrialHash, _other.ManifestSha256)).Fault);
        foreach (string name in new[] { "step-000400-e9", "step-000401-e8", "step-0000400-e8", "best" })
        {
            string renamed = Path.Combine(_folder, name);
            Directory.Move(_victim.Path, renamed);
            Assert.Equal(CheckpointFault.Foreign, Assert.Throws<CheckpointException>(() => _checkpoints.Load(renamed, Samples.TrialHash)).Fault);
            Directory.Move(renamed, _victim.Path);
        }

        AssertSound();
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefused(string file, string accident, params CheckpointFault[] faults)
    {
        foreach (Action read in new Action[] { () => _checkpoints.Load(_victim.Path, Samples.TrialHash), () => _checkpoints.Verify(_victim.Path, Samples.TrialHash) })
        {
            Exception? refused = Record.Exception(read);
            if (refused is not CheckpointException exception)
            {
                Assert.Fail($"{accident} of {file}: {refused?.ToString() ?? "was accepted"}");
                return;
            }

            Assert.Contains(file, exception.Message, StringComparison.Ordinal);
            Assert.Contains(exception.Fault, faults);
        }
    }

    private void AssertSound()
    {
        Samples.AssertSame(Samples.Snapshot(400, seed: 1), _checkpoints.Load(_victim.Path, Samples.TrialHash));
        _checkpoints.Verify(_victim.Path, Samples.TrialHash, _victim.ManifestSha256);
    }
}
