namespace DivCo.Training.Latents;

/// <summary>
/// The latent codes of DivCo (Liu et al., CVPR 2021, section 3.2): query N(0, I); positives in the cube of half-side R about it;
/// negatives N(0, I) outside it in every element, drawn exactly and without rejection, so that any R costs the same.
/// </summary>
/// <param name="seed">The seed of the trial.</param>
/// <param name="radius">R, in (0, 3].</param>
internal sealed class LatentAugmentation(ulong seed, double radius)
{
    private readonly PhiloxStream _queries = new(seed, StreamPurpose.Query);
    private readonly PhiloxStream _positives = new(seed, StreamPurpose.Positive);
    private readonly PhiloxStream _negatives = new(seed, StreamPurpose.Negative);

    /// <summary>The query code of a sample; its length is that of <paramref name="destination"/>.</summary>
    public void Query(int step, int sample, Span<float> destination) => Normals(_queries, step, sample, 0, destination);

    public void Positive(int step, int sample, ReadOnlySpan<float> query, Span<float> destination)
    {
        using var uniforms = new UniformBuffer(_positives, step, sample, 0, destination.Length);
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (float)(query[i] + ((2 * uniforms.Values[i] - 1) * radius));
        }
    }

    /// <summary>What negatives of a query are drawn from, one distribution an element.</summary>
    public TruncatedNormal[] Outside(ReadOnlySpan<float> query)
    {
        var distributions = new TruncatedNormal[query.Length];
        for (var i = 0; i < query.Length; i++)
        {
            distributions[i] = new TruncatedNormal(query[i], radius);
        }

        return distributions;
    }

    /// <param name="index">Which of the sample's negatives, from 0.</param>
    /// <param name="outside">Of the sample's query.</param>
    public void Negative(int step, int sample, int index, ReadOnlySpan<TruncatedNormal> outside, Span<float> destination)
    {
        using var uniforms = new UniformBuffer(_negatives, step, sample, index, destination.Length);
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = outside[i].Quantile(uniforms.Values[i]);
        }
    }

    /// <summary>N(0, 1) by inversion, rounded to float32.</summary>
    public static void Normals(PhiloxStream stream, int time, int sample, int index, Span<float> destination)
    {
        using var uniforms = new UniformBuffer(stream, time, sample, index, destination.Length);
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (float)NormalDistribution.Quantile(uniforms.Values[i]);
        }
    }
}
