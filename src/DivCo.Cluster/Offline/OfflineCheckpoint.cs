using DivCo.Cluster.Workers;
using DivCo.Protocol;
using DivCo.Training;
using DivCo.Training.Checkpoints;
using DivCo.Training.Data;

namespace DivCo.Cluster.Offline;

/// <summary>A checkpoint by itself, away from the cluster that made it: every byte is proven, and its trial comes out of it.</summary>
internal sealed record OfflineCheckpoint(string Path, CheckpointManifest Manifest, TrainingConfig Config, TrainingSnapshot Snapshot)
{
    private const string TrialName = "trial.json";
    private const int MaxTrialBytes = 1 << 20;

    /// <param name="path">Of its folder.</param>
    /// <exception cref="OfflineException">It cannot be used; names the file, what is wrong and what to do.</exception>
    public static OfflineCheckpoint Open(string path)
    {
        var folder = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var file = System.IO.Path.Combine(folder, TrialName);
        if (!Directory.Exists(folder))
        {
            throw new OfflineException($"there is no checkpoint folder {folder}");
        }

        if (!File.Exists(file))
        {
            throw new OfflineException(File.Exists(System.IO.Path.Combine(folder, CheckpointFolder.ManifestFile))
                ? $"{folder} has no {TrialName}: an earlier release wrote it; resume its trial with this one to get a checkpoint that can be used alone"
                : $"{folder} is no checkpoint: it has neither {TrialName} nor {CheckpointFolder.ManifestFile}; name a folder such as results/<sweep>/trials/0/checkpoints/step-000200-e1");
        }

        try
        {
            if (new FileInfo(file).Length > MaxTrialBytes)
            {
                throw new InvalidDataException($"has more than {MaxTrialBytes} bytes");
            }

            // The text is only believed once the manifest has proven it.
            var trial = TrialFile.Read(File.ReadAllText(file));
            var checkpoints = new CheckpointFolder(System.IO.Path.GetDirectoryName(folder)!);
            var hash = TrialHash.Of(trial);
            var manifest = checkpoints.Verify(folder, hash, anyName: true);
            return new OfflineCheckpoint(folder, manifest, TrialConfigReader.Read(trial), checkpoints.Load(folder, hash, anyName: true));
        }
        catch (InvalidDataException e)
        {
            throw new OfflineException($"{file} {e.Message}", e);
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new OfflineException(e.Message, e);
        }
    }

    /// <summary>The images that the trial was trained on, or those to compare with.</summary>
    /// <exception cref="OfflineException">They are missing, damaged, or others than it was trained on.</exception>
    public Dataset Data(Split split, string? dataRoot)
    {
        try
        {
            var training = DatasetCatalog.Open(Config, Split.Train, dataRoot);
            if (Manifest.DatasetSha256 is { } trainedOn && trainedOn != training.Sha256)
            {
                throw new OfflineException(
                    $"{Path} was trained on {training.Name} with SHA-256 {trainedOn}, but this machine's has {training.Sha256}; set DIVCO_DATA to the data it was trained on");
            }

            return split == Split.Train ? training : DatasetCatalog.Open(Config, Split.Test, dataRoot);
        }
        catch (Exception e) when (e is DatasetException or TrainingConfigException)
        {
            throw new OfflineException(e.Message, e);
        }
    }

    /// <exception cref="OfflineException">The weights are of other networks, or the data is of another form.</exception>
    public TrainedModel Model(Dataset dataset)
    {
        try
        {
            return new TrainedModel(Config, dataset, Snapshot, Path);
        }
        catch (Exception e) when (e is CheckpointException or TrainingConfigException)
        {
            throw new OfflineException(e.Message, e);
        }
    }
}
