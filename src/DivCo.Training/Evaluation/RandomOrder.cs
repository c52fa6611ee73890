using DivCo.Training.Latents;

namespace DivCo.Training.Evaluation;

/// <summary>Orders and choices that are functions of a stream alone.</summary>
internal static class RandomOrder
{
    /// <summary>The numbers 0 to count - 1 in random order (Fisher and Yates).</summary>
    /// <param name="time">Place in the stream, with <paramref name="sample"/>.</param>
    public static int[] Of(int count, PhiloxStream stream, uint sample, uint time = 0)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var last = count - 1; last > 0; last--)
        {
            var other = Below(last + 1, stream, sample, (uint)last, time);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    /// <summary>A number in [0, bound); bias below 2^-20 for bounds up to 2^32.</summary>
    public static int Below(int bound, PhiloxStream stream, uint sample, uint element, uint time = 0) =>
        (int)(PhiloxStream.ToUniform(stream.Bits(time, sample, 0, element)) * bound);
}
