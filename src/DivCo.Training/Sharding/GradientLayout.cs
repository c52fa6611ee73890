using DivCo.Training.Tasks;

namespace DivCo.Training.Sharding;

/// <summary>
/// What rides in the buffer that shards add up: the gradient as the trained tensors lie, one network after the other; then the batch
/// statistics of each counted call; then the values of slice terms, which are for reports.
/// </summary>
internal sealed class GradientLayout(GanUpdate update)
{
    public int Length => TermsOffset + update.SliceTermNames.Count;

    /// <summary>Elements of the gradient, which lies first.</summary>
    public int GradientLength { get; } = update.Trained.Sum(tensors => tensors.Layout.Length);

    private int TermsOffset => GradientLength + update.RunningStatistics.Sum(running => running.Calls * running.Tensors.Layout.Length);

    /// <summary>What a gradient is taken with respect to, and where each part of it lies.</summary>
    public IEnumerable<(TorchSharp.torch.Tensor Leaf, int Offset)> Leaves
    {
        get
        {
            var start = 0;
            foreach (var tensors in update.Trained)
            {
                for (var i = 0; i < tensors.Layout.Tensors.Count; i++)
                {
                    yield return (tensors.Leaves[tensors.Layout.Tensors[i].Name], start + tensors.Layout.Offsets[i]);
                }

                start += tensors.Layout.Length;
            }
        }
    }

    /// <param name="calls">In the order of the update's running statistics, then of the calls.</param>
    public void WriteNormStatistics(ShardBuffer buffer, IReadOnlyList<FlatTensors> calls)
    {
        var offset = GradientLength;
        foreach (var call in calls)
        {
            buffer.Write(offset, call.Values);
            offset += call.Layout.Length;
        }
    }

    public void WriteTerms(ShardBuffer buffer, ReadOnlySpan<float> values) => buffer.Write(TermsOffset, values);

    /// <summary>The mean over calls and shards of each batch statistic, as the update's running statistics lie, one after the other.</summary>
    /// <param name="shards">Shards that contributed.</param>
    public float[] MeanNormStatistics(ReadOnlySpan<float> sum, int shards)
    {
        var mean = new List<float>();
        var offset = GradientLength;
        foreach (var (tensors, calls) in update.RunningStatistics)
        {
            var length = tensors.Layout.Length;
            for (var i = 0; i < length; i++)
            {
                var total = 0.0;
                for (var call = 0; call < calls; call++)
                {
                    total += sum[offset + (call * length) + i];
                }

                mean.Add((float)(total / (calls * shards)));
            }

            offset += calls * length;
        }

        return [.. mean];
    }

    public ReadOnlySpan<float> Terms(ReadOnlySpan<float> sum) => sum[TermsOffset..];
}
