using DivCo.Collectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks;

/// <summary>What the training asks of a conditional task: networks, the shards of a step, and the updates that the step consists of.</summary>
internal abstract class GanTask : IDisposable
{
    private const int LargestPicture = 10;

    public abstract ShardGrid Grid { get; }

    /// <summary>For whoever measures; it decides nothing.</summary>
    public DataClock Data { get; } = new();

    /// <summary>In the order in which they are made in a step.</summary>
    public abstract IReadOnlyList<GanUpdate> Updates { get; }

    /// <summary>All that decides the task's functions: trained parameters, running statistics, frozen parts.</summary>
    public abstract IReadOnlyList<FlatTensors> State { get; }

    /// <summary>Moves to a step: data and latents of its shards come from here on. Forgets what was kept of the one before.</summary>
    public abstract void Begin(int step);

    /// <summary>
    /// Computes and keeps what a later update of the step needs of a shard and the updates before it leave as it is, so that it can be done while
    /// their sums are on the way. Null where each update changes all that the next one begins with.
    /// </summary>
    public virtual Action? Preparation(int shard) => null;

    /// <summary>Forgets what is kept of a shard between updates; it is computed again when asked for.</summary>
    public abstract void Release(int shard);

    /// <summary>Conditions that <see cref="Generate"/> knows, for evaluation.</summary>
    public abstract int Conditions { get; }

    /// <summary>The conditions that a picture of samples shows, a row each: all, or ten of many, evenly spread.</summary>
    public virtual IReadOnlyList<int> PictureConditions =>
        [.. Enumerable.Range(0, Math.Min(Conditions, LargestPicture)).Select(row => (int)((long)row * Conditions / Math.Min(Conditions, LargestPicture)))];

    /// <summary>The image that a condition is, [C, H, W] in [-1, 1] as images are generated; null where conditions are no images.</summary>
    public virtual Tensor? ConditionImage(int condition) => null;

    public abstract int LatentDim { get; }

    /// <summary>Images of one condition, [latents, C, H, W] in [-1, 1], in evaluation mode (running statistics), without a graph.</summary>
    /// <param name="state"><see cref="State"/>, or a copy of it with the same layouts; nothing else is read, so that a copy can be looked at while training goes on.</param>
    /// <param name="latents">[latents, latent dim].</param>
    public abstract Tensor Generate(IReadOnlyList<FlatTensors> state, int condition, Tensor latents);

    public abstract void Dispose();
}
