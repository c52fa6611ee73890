using System.Text;

namespace DivCo.Training.Checkpoints;

/// <summary>
/// The checkpoints of one trial: folders <c>ROOT/step-000200-e8/</c> that hold weights.safetensors, optimizer.safetensors, trial.json and
/// manifest.json and are never changed once they have that name. A folder is made under a temporary name, each file and then the folder written through to the
/// device, the manifest last, and renamed; so a checkpoint is whole or absent, whatever is killed at any moment.
/// </summary>
/// <param name="root">Made when the first checkpoint is written.</param>
/// <param name="clock">For written_at; the system's by default.</param>
public sealed class CheckpointFolder(string root, TimeProvider? clock = null)
{
    /// <summary>Name of the manifest in a checkpoint's folder; it lists the others.</summary>
    public const string ManifestFile = CheckpointReader.ManifestFile;

    /// <summary>Full path.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Names of the checkpoints present, by step, then epoch. They are not verified.</summary>
    public IReadOnlyList<string> Names() =>
        !Directory.Exists(Root) ? [] : [.. from path in Directory.EnumerateDirectories(Root, "step-*")
                                           let name = Path.GetFileName(path)
                                           let order = CheckpointName.TryParse(name, out int step, out uint epoch) ? (step, epoch) : (-1, 0)
                                           where order.Item1 >= 0
                                           orderby order
                                           select name];

    /// <summary>Writes a checkpoint and makes it durable. One that exists with the same weights and state is returned as it is.</summary>
    /// <exception cref="CheckpointException"><see cref="CheckpointFault.Conflict"/>: the name is taken by a different or unreadable one;
    /// <see cref="CheckpointFault.Storage"/>: the file system refused; writing the same again later is safe.</exception>
    /// <exception cref="ArgumentException">A tensor is not well formed, or two have one name.</exception>
    public WrittenCheckpoint Write(TrainingSnapshot snapshot, CheckpointFacts facts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(snapshot.Step);
        string name = CheckpointName.Of(snapshot.Step, facts.Epoch);
        string final = Path.Combine(Root, name);
        try
        {
            DurableFiles.CreateFolder(Root);
            using var unfinished = UnfinishedFolder.Create(Root, name);
            (CheckpointManifest manifest, string manifestSha256) = WriteFiles(unfinished.Path, snapshot, facts);
            return unfinished.TryPublish(final) ? new WrittenCheckpoint(name, final, manifestSha256, manifest) : Existing(final, manifest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointFault.Storage, final, $"cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Proves every byte of a checkpoint without loading it.</summary>
    /// <param name="path">A full path, or a name in this folder.</param>
    /// <param name="trialHash">The trial that it must belong to.</param>
    /// <param name="manifestSha256">The hash recorded for its manifest, or null to trust the manifest's own.</param>
    /// <param name="anyName">Whether it may be a copy with a name of its own; the name of another checkpoint is refused even so.</param>
    /// <exception cref="CheckpointException">Names the file and the reason.</exception>
    public CheckpointManifest Verify(string path, string trialHash, string? manifestSha256 = null, bool anyName = false)
    {
        string folder = PathOf(path);
        CheckpointManifest manifest = CheckpointReader.ReadManifest(folder, trialHash, manifestSha256, anyName).Manifest;
        foreach (string name in manifest.Files.Keys)
        {
            CheckpointReader.VerifyFile(folder, name, manifest);
        }

        return manifest;
    }

    /// <summary>Reads the manifest of a checkpoint and proves it against the folder's name and the trial, but not the files it lists.</summary>
    /// <param name="path">A full path, or a name in this folder.</param>
    /// <param name="trialHash">The trial that it must belong to.</param>
    /// <exception cref="CheckpointException">Names the file and the reason.</exception>
    public CheckpointManifest ReadManifest(string path, string trialHash) =>
        CheckpointReader.ReadManifest(PathOf(path), trialHash, manifestSha256: null).Manifest;

    /// <summary>Loads a checkpoint; every byte is proven as in <see cref="Verify"/>.</summary>
    /// <exception cref="CheckpointException">Names the file and the reason.</exception>
    public TrainingSnapshot Load(string path, string trialHash, string? manifestSha256 = null, bool anyName = false)
    {
        string folder = PathOf(path);
        CheckpointManifest manifest = CheckpointReader.ReadManifest(folder, trialHash, manifestSha256, anyName).Manifest;
        CheckpointReader.ReadTrial(folder, manifest);
        return new TrainingSnapshot(
            manifest.Step,
            CheckpointReader.ReadTensors(folder, CheckpointReader.WeightsFile, manifest),
            CheckpointReader.ReadTensors(folder, CheckpointReader.OptimizerFile, manifest));
    }

    /// <summary>
    /// The resolved trial that a checkpoint carries, as JSON; every byte is proven by the manifest. Null: an earlier release wrote the checkpoint.
    /// </summary>
    /// <param name="path">A full path, or a name in this folder.</param>
    /// <param name="manifest">Of the checkpoint.</param>
    /// <exception cref="CheckpointException">Names the file and the reason.</exception>
    public string? ReadTrial(string path, CheckpointManifest manifest) => CheckpointReader.ReadTrial(PathOf(path), manifest);

    /// <summary>Deletes a checkpoint; false where there is none of that name. A crash on the way leaves no half checkpoint under its name.</summary>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not the name of a checkpoint.</exception>
    /// <exception cref="CheckpointException">The file system refused.</exception>
    public bool Delete(string name)
    {
        if (!CheckpointName.TryParse(name, out _, out _))
        {
            throw new ArgumentException($"\"{name}\" is not the name of a checkpoint, such as step-000200-e8", nameof(name));
        }

        string path = Path.Combine(Root, name);
        try
        {
            if (!Directory.Exists(path))
            {
                return false;
            }

            UnfinishedFolder.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointFault.Storage, path, $"cannot be deleted: {e.Message}", e);
        }
    }

    /// <summary>Removes what killed processes left unfinished in this folder. A write that another process is at is left alone.</summary>
    public void RemoveUnfinished()
    {
        if (Directory.Exists(Root))
        {
            UnfinishedFolder.RemoveAbandoned(Root);
        }
    }

    private string PathOf(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, Root));

    private (CheckpointManifest Manifest, string Sha256) WriteFiles(string folder, TrainingSnapshot snapshot, CheckpointFacts facts)
    {
        CheckpointFile weights = DurableFiles.Write(Path.Combine(folder, CheckpointReader.WeightsFile), file => Safetensors.Write(file, snapshot.Weights));
        CheckpointFile optimizer = DurableFiles.Write(Path.Combine(folder, CheckpointReader.OptimizerFile), file => Safetensors.Write(file, snapshot.Moments));
        var files = new SortedDictionary<string, CheckpointFile>(StringComparer.Ordinal) { [CheckpointReader.WeightsFile] = weights, [CheckpointReader.OptimizerFile] = optimizer };
        if (facts.Trial is { } trial)
        {
            files[CheckpointReader.TrialFile] = DurableFiles.Write(Path.Combine(folder, CheckpointReader.TrialFile), file => file.Write(Encoding.UTF8.GetBytes(trial)));
        }

        CheckpointManifest manifest = new CheckpointManifest(
            CheckpointManifest.CurrentFormatVersion,
            facts.TrialId,
            facts.TrialHash,
            snapshot.Step,
            facts.Epoch,
            new SortedDictionary<string, double>(facts.Metrics.ToDictionary(), StringComparer.Ordinal),
            files,
            weights.Sha256,
            CheckpointManifest.StateHash(weights.Sha256, optimizer.Sha256, snapshot.Step),
            facts.HardwareClass,
            (clock ?? TimeProvider.System).GetUtcNow(),
            ContentSha256: "",
            facts.DatasetSha256).Sealed();
        CheckpointFile written = DurableFiles.Write(Path.Combine(folder, CheckpointReader.ManifestFile), file => file.Write(manifest.Encode()));
        return (manifest, written.Sha256);
    }

    private WrittenCheckpoint Existing(string final, CheckpointManifest wanted)
    {
        try
        {
            (CheckpointManifest existing, string sha256) = CheckpointReader.ReadManifest(final, wanted.TrialHash, manifestSha256: null);
            Verify(final, wanted.TrialHash, sha256);
            if (existing.StateSha256 == wanted.StateSha256)
            {
                DurableFiles.Flush(Root);
                return new WrittenCheckpoint(Path.GetFileName(final), final, sha256, existing);
            }

            throw new CheckpointException(
                CheckpointFault.Conflict, final, $"exists with state_sha256 {existing.StateSha256}, but this state is {wanted.StateSha256}; checkpoints are never overwritten");
        }
        catch (CheckpointException e) when (e.Fault is CheckpointFault.Damaged or CheckpointFault.Missing or CheckpointFault.Foreign)
        {
            throw new CheckpointException(CheckpointFault.Conflict, final, $"exists and is not this checkpoint: {e.Message}; checkpoints are never overwritten, delete it first", e);
        }
    }
}
