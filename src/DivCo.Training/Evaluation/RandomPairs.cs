using DivCo.Training.Latents;

namespace DivCo.Training.Evaluation;

/// <summary>Pairs of different images of one condition, as the protocol of pairwise perceptual distance draws them.</summary>
internal static class RandomPairs
{
    /// <param name="images">At least 2.</param>
    /// <returns>As many pairs as asked for, each independent of the others.</returns>
    public static (int One, int Other)[] Of(int images, int pairs, ulong seed, int condition)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 2);
        var stream = new PhiloxStream(seed, StreamPurpose.EvaluationDraw);
        var drawn = new (int, int)[pairs];
        for (var i = 0; i < pairs; i++)
        {
            var one = RandomOrder.Below(images, stream, (uint)condition, (uint)(2 * i), time: 3);
            var other = RandomOrder.Below(images - 1, stream, (uint)condition, (uint)((2 * i) + 1), time: 3);
            drawn[i] = (one, other >= one ? other + 1 : other);
        }

        return drawn;
    }
}
