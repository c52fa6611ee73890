using DivCo.Training.Latents;

namespace DivCo.Training.Sharding;

/// <summary>
/// Which images a step trains on: each epoch goes through the data set in an order of its own, an incomplete last batch is skipped. The
/// answer depends on the arguments alone, so workers agree on it without a word.
/// </summary>
/// <param name="seed">The seed of the trial.</param>
/// <param name="count">Images of the data set.</param>
/// <param name="batchSize">Images of a step, over all shards.</param>
/// <exception cref="TrainingConfigException">The data set has not a single batch.</exception>
internal sealed class ShardedSampler(ulong seed, int count, int batchSize)
{
    private readonly int _stepsPerEpoch = batchSize <= count
        ? count / batchSize
        : throw new TrainingConfigException($"trial.batch_size: {batchSize} is more than the {count} images of the data set; lower it.");

    private int _epoch = -1;
    private int[] _order = [];

    /// <summary>Indices of the images of one step, in the order of the batch.</summary>
    public ReadOnlySpan<int> Batch(int step)
    {
        var (epoch, batch) = Math.DivRem(step, _stepsPerEpoch);
        if (epoch != _epoch)
        {
            (_epoch, _order) = (epoch, Order(seed, epoch, count));
        }

        return _order.AsSpan(batch * batchSize, batchSize);
    }

    /// <summary>A permutation of 0, 1... <paramref name="count"/> - 1: sorted by random keys, equal keys by index.</summary>
    public static int[] Order(ulong seed, int epoch, int count)
    {
        var stream = new PhiloxStream(seed, StreamPurpose.EpochOrder);
        var keys = new (ulong Key, int Index)[count];
        for (var i = 0; i < count; i++)
        {
            keys[i] = (stream.Bits((uint)epoch, (uint)i, 0, 0), i);
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => key.Index);
    }
}
