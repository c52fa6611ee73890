using DivCo.Training.Tasks;

namespace DivCo.Training.Sharding;

/// <summary>
/// What rides in the buffer that shards add up: the gradient as the parameters lie, then the batch statistics of each counted call, then
/// the values of slice terms, which are for reports.
/// </summary>
internal sealed class GradientLayout(GanUpdate update)
{
    private readonly int _normLength = update.RunningStatistics?.Layout.Length ?? 0;

    public int Length => TermsOffset + update.SliceTermNames.Count;

    private int TermsOffset => NormOffset(update.RunningStatistics is null ? 0 : update.NormCalls);

    public void WriteNormStatistics(ShardBuffer buffer, IReadOnlyList<FlatTensors> calls)
    {
        for (var call = 0; call < calls.Count; call++)
        {
            buffer.Write(NormOffset(call), calls[call].Values);
        }
    }

    public void WriteTerms(ShardBuffer buffer, ReadOnlySpan<float> values) => buffer.Write(TermsOffset, values);

    public ReadOnlySpan<float> Gradient(ReadOnlySpan<float> sum) => sum[..update.Parameters.Layout.Length];

    /// <summary>The mean over calls and shards of each batch statistic.</summary>
    /// <param name="shards">Shards that contributed.</param>
    public float[] MeanNormStatistics(ReadOnlySpan<float> sum, int shards)
    {
        var mean = new float[_normLength];
        for (var i = 0; i < mean.Length; i++)
        {
            var total = 0.0;
            for (var call = 0; call < update.NormCalls; call++)
            {
                total += sum[NormOffset(call) + i];
            }

            mean[i] = (float)(total / (update.NormCalls * shards));
        }

        return mean;
    }

    public ReadOnlySpan<float> Terms(ReadOnlySpan<float> sum) => sum[TermsOffset..];

    private int NormOffset(int call) => update.Parameters.Layout.Length + (call * _normLength);
}
