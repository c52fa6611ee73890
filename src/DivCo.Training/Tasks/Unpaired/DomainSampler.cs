using DivCo.Training.Latents;
using DivCo.Training.Sharding;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// Which images of two domains a batch consists of: an epoch goes through the larger domain in an order of its own; images of the other are
/// drawn with replacement. The answer depends on the arguments alone.
/// </summary>
/// <param name="size">Images that a batch has of each domain.</param>
/// <exception cref="TrainingConfigException">The larger domain has not a single batch.</exception>
internal sealed class DomainSampler(ulong seed, int countA, int countB, int size)
{
    private readonly ShardedSampler _larger = size <= Math.Max(countA, countB)
        ? new(seed, Math.Max(countA, countB), size)
        : throw new TrainingConfigException(
            $"trial.batch_size: {size / 2} conditions take {size} images of each domain, which is more than the {Math.Max(countA, countB)} of the larger one; lower it.");

    private readonly PhiloxStream _other = new(seed, StreamPurpose.OtherDomain);

    /// <param name="batch">From 0; goes on through the epochs.</param>
    /// <param name="position">In the batch.</param>
    public int Index(Domain domain, int batch, int position)
    {
        var count = domain == Domain.A ? countA : countB;
        var isLarger = domain == Domain.A ? countA >= countB : countB > countA;
        return isLarger
            ? _larger.Batch(batch)[position]
            : (int)(PhiloxStream.ToUniform(_other.Bits(checked((uint)batch), (uint)position, 0, 0)) * count);
    }
}
