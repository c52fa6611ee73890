using DivCo.Training.Checkpoints;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;
using DivCo.Training.Tasks;

namespace DivCo.Training;

/// <summary>
/// What one device holds of one trial, from quorum epoch to quorum epoch: weights, running statistics, moments and the count of committed
/// updates. Between two runs of the training loop it stands at its last commit, which may lie within a step. What replaces the state is read
/// and checked whole in a second buffer first; whatever is wrong with it, the first is left as it was.
/// </summary>
/// <remarks>
/// For one thread at a time, the device's own. <see cref="Write"/> and <see cref="Sha256"/> may be called on others while the replica
/// stands still.
/// </remarks>
public sealed class TrainingReplica : IDisposable
{
    private TrainingState _state;
    private ReplicaEvaluation? _evaluation;
    private long _loadedUpdates = -1;

    /// <summary>The beginning of a trial: initial weights as the seed has them, no update.</summary>
    /// <exception cref="TrainingConfigException">The config cannot be trained on this data set.</exception>
    public TrainingReplica(TrainingConfig config, Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(dataset);
        (Config, Dataset) = (config, dataset);
        _state = Begin();
    }

    public TrainingConfig Config { get; }

    public Dataset Dataset { get; }

    /// <summary>Updates committed since the trial began; each step has those of the task, in its order.</summary>
    public long Updates => _state.Updates;

    /// <summary>Steps completed.</summary>
    public int Step => _state.Step;

    /// <summary>Bytes that <see cref="Write"/> writes now.</summary>
    public long StateBytes => _state.Canonical.Bytes + Latest.Encode().Length;

    /// <summary>The newest reports of the trial up to <see cref="Updates"/>, oldest first, whoever made them; none from before a checkpoint that was loaded.</summary>
    public IReadOnlyList<StepReport> RecentReports => Recent.All;

    internal TrainingState State => _state;

    internal RecentReports Recent { get; } = new();

    private LatestLosses Latest => new(_state.Losses, Recent.All);

    /// <summary>Whether the state is that of the checkpoint it was loaded from.</summary>
    internal bool IsCheckpoint => _loadedUpdates == Updates;

    /// <summary>
    /// SHA-256 of the state's canonical bytes, in lower-case hexadecimal digits: the count of updates (8 bytes, little-endian), then a safetensors
    /// file of all weights, running statistics and moments in ordinal order of their names. Workers that committed the same updates have
    /// the same, however they came to them.
    /// </summary>
    public string Sha256() => _state.Canonical.Sha256(Updates);

    /// <summary>Takes the state of a checkpoint.</summary>
    /// <param name="path">A full path, or a name in the folder.</param>
    /// <param name="trialHash">The trial that it must belong to.</param>
    /// <exception cref="CheckpointException">It cannot be read or trusted, or is of other networks; the replica is as it was.</exception>
    public void Load(CheckpointFolder checkpoints, string path, string trialHash)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        var manifest = checkpoints.ReadManifest(path, trialHash);
        if (manifest.DatasetSha256 is { } trainedOn && trainedOn != Dataset.Sha256)
        {
            throw new CheckpointException(
                CheckpointFault.Foreign,
                path,
                $"was trained on {Dataset.Name} with SHA-256 {trainedOn}, but this machine's has {Dataset.Sha256}: its files were changed; "
                + "put back those that the trial began with, or begin a new trial");
        }

        var losses = manifest.Metrics.Where(metric => !StepMetrics.IsOfRun(metric.Key)).ToDictionary();
        var snapshot = checkpoints.Load(path, trialHash);
        try
        {
            _state.Restore(snapshot, losses);
        }
        catch (InvalidDataException e)
        {
            throw new CheckpointException(CheckpointFault.Foreign, path, e.Message, e);
        }

        _loadedUpdates = Updates;
        Recent.Replace([]);
    }

    /// <summary>Goes back to the beginning.</summary>
    public void Reset()
    {
        var beginning = Begin();
        _state.Dispose();
        (_state, _loadedUpdates) = (beginning, -1);
        Recent.Replace([]);
    }

    /// <summary>
    /// Writes <see cref="StateBytes"/> bytes, straight from the live tensors in pieces of at most 1 MiB: the canonical bytes of the state, then the
    /// newest losses and reports. The replica must stand still.
    /// </summary>
    public void Write(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _state.Canonical.Write(Updates, destination.Write);
        destination.Write(Latest.Encode());
    }

    /// <summary>Takes the state that another replica of the trial writes.</summary>
    /// <param name="source">Ends with the state.</param>
    /// <param name="bytes">The other's <see cref="StateBytes"/>.</param>
    /// <param name="updates">The other's <see cref="Updates"/>.</param>
    /// <param name="sha256">The other's <see cref="Sha256"/>.</param>
    /// <param name="abort">Looked at before each piece of 1 MiB; a source that blocks must look at it itself.</param>
    /// <exception cref="InvalidDataException">The state is not the one announced, or not of this trial's networks; says what differs.</exception>
    /// <remarks>Exceptions of the source come through as they are. After any exception the replica is as it was.</remarks>
    public void Receive(Stream source, long bytes, long updates, string sha256, CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(sha256);
        ArgumentOutOfRangeException.ThrowIfNegative(updates);
        var canonical = _state.Canonical;
        if (bytes < canonical.Bytes + LatestLosses.MinBytes || bytes > canonical.Bytes + LatestLosses.MaxBytes)
        {
            throw new InvalidDataException(
                $"A state of {bytes} bytes was announced; one of this trial has {canonical.Bytes} and at most {LatestLosses.MaxBytes} of losses: it is of other networks.");
        }

        var values = canonical.Read(Fill, updates, sha256);
        var trailer = new byte[bytes - canonical.Bytes];
        Fill(trailer);
        var latest = LatestLosses.Decode(trailer);
        if (source.ReadByte() >= 0)
        {
            throw new InvalidDataException($"The state has more bytes than the {bytes} announced.");
        }

        abort.ThrowIfCancellationRequested();
        _state.Assign(Array.ConvertAll(values, tensor => (ReadOnlyMemory<float>)tensor), updates, latest.Losses);
        Recent.Replace(latest.Reports);
        _loadedUpdates = -1;

        void Fill(Span<byte> destination)
        {
            abort.ThrowIfCancellationRequested();
            if (source.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            {
                throw new InvalidDataException($"The state ended before the {bytes} bytes announced.");
            }
        }
    }

    /// <summary>What it takes to judge the states of this replica; opened once, for all its runs.</summary>
    /// <exception cref="EvaluationException">A setting is out of range, or a given file does not hold the weights that it should.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    internal ReplicaEvaluation EvaluationOf(TrialEvaluation evaluation, CancellationToken abort) =>
        _evaluation ??= new ReplicaEvaluation(evaluation, Config, Dataset, abort);

    public void Dispose()
    {
        _evaluation?.Dispose();
        _state.Dispose();
    }

    private TrainingState Begin()
    {
        TorchRuntime.Initialise();
        TorchRuntime.EnterThread();
        return new TrainingState(TaskCatalog.Create(Config, Dataset), Config.Optimizer);
    }
}
