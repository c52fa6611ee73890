using DivCo.Training.Data;

namespace DivCo.Training.Evaluation;

/// <summary>
/// The calls that an evaluation consists of, each of which can be made alone, by anybody, in any order: bits depend on the rows of a call, so
/// these are part of the definition of the figures.
/// </summary>
/// <param name="Chunks">Images that are compared with real ones.</param>
/// <param name="PairConditions">Conditions of which <see cref="PairImages"/> images are compared with each other.</param>
internal sealed record EvaluationPlan(IReadOnlyList<SampleChunk> Chunks, IReadOnlyList<int> PairConditions)
{
    /// <summary>The most images of one call.</summary>
    public const int Rows = 50;

    /// <summary>Images of a condition, and pairs of them, as in the protocol of MSGAN (Mao et al., CVPR 2019).</summary>
    public const int PairImages = 50;

    private const int MaxPairConditions = 100;
    private const int SamplesPerPairCondition = 100;

    /// <summary>The plan for so many images, and half as many again for pairs, at the most.</summary>
    /// <param name="dataset">The test split, whose conditions are those of the task.</param>
    /// <param name="conditions">How many there are.</param>
    /// <param name="seed">Of what is drawn.</param>
    public static EvaluationPlan Of(Dataset dataset, int conditions, int samples, ulong seed)
    {
        var counts = dataset is LabelledImages labelled ? OfClasses(labelled, samples) : OfImages(conditions, samples, seed);
        return new EvaluationPlan(
            [.. Enumerable.Range(0, conditions).SelectMany(Chunk)],
            RealImages.Choose(conditions, Math.Clamp(samples / SamplesPerPairCondition, 1, MaxPairConditions), seed));

        IEnumerable<SampleChunk> Chunk(int condition)
        {
            for (var first = 0; first < counts[condition]; first += Rows)
            {
                yield return new SampleChunk(condition, first, Math.Min(Rows, counts[condition] - first));
            }
        }
    }

    /// <summary>As often as the real images have the class, to the nearest whole number that adds up.</summary>
    private static int[] OfClasses(LabelledImages images, int samples)
    {
        var seen = new long[images.Classes];
        var counts = new int[images.Classes];
        for (var i = 0; i < images.Count; i++)
        {
            seen[images.Label(i)]++;
        }

        var (before, given) = (0L, 0);
        for (var label = 0; label < counts.Length; label++)
        {
            before += seen[label];
            counts[label] = (int)(((2 * before * samples) + images.Count) / (2L * images.Count)) - given;
            given += counts[label];
        }

        return counts;
    }

    /// <summary>Conditions that are images: as many as there are samples, once each; or all, equally often.</summary>
    private static int[] OfImages(int conditions, int samples, ulong seed)
    {
        var counts = new int[conditions];
        var chosen = RealImages.Choose(conditions, samples, seed);
        for (var sample = 0; sample < samples; sample++)
        {
            counts[chosen[sample % chosen.Length]]++;
        }

        return counts;
    }
}

/// <summary>Images of one condition.</summary>
/// <param name="First">Number of the first latent, among those of the condition.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct SampleChunk(int Condition, int First, int Rows);
