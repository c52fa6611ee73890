using DivCo.Training.Latents;

namespace DivCo.Training.Evaluation;

/// <summary>Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii 2007), the best of several starts; seeded, so that it repeats.</summary>
/// <param name="Centres">[k, length].</param>
/// <param name="Assignment">The nearest centre of each row.</param>
/// <param name="Inertia">Sum of the squared distances of the rows from their centres.</param>
internal sealed record KMeans(FeatureRows Centres, int[] Assignment, double Inertia)
{
    /// <param name="clusters">k, at most the number of rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more clusters than rows, or a number is below 1.</exception>
    public static KMeans Of(FeatureRows rows, int clusters, int starts, int maxIterations, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clusters, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clusters, rows.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(starts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIterations, 1);
        var stream = new PhiloxStream(seed, StreamPurpose.EvaluationDraw);
        return Enumerable.Range(0, starts)
            .Select(start => Run(rows, Seeds(rows, clusters, stream, (uint)start), maxIterations))
            .MinBy(run => run.Inertia)!;
    }

    /// <summary>The nearest centre of each row, the first of equally near ones, and the squared distance from it.</summary>
    public static (int[] Nearest, double[] SquaredDistances) Assign(FeatureRows rows, FeatureRows centres)
    {
        var (nearest, squared) = (new int[rows.Count], new double[rows.Count]);
        RowProducts.SquaredDistances(rows, centres, (row, distances) =>
        {
            var best = 0;
            for (var i = 1; i < distances.Length; i++)
            {
                best = distances[i] < distances[best] ? i : best;
            }

            (nearest[row], squared[row]) = (best, distances[best]);
        });
        return (nearest, squared);
    }

    private static KMeans Run(FeatureRows rows, FeatureRows centres, int maxIterations)
    {
        var (assignment, squared) = Assign(rows, centres);
        for (var iteration = 1; iteration < maxIterations; iteration++)
        {
            centres = Means(rows, assignment, squared, centres.Count);
            var before = assignment;
            (assignment, squared) = Assign(rows, centres);
            if (assignment.AsSpan().SequenceEqual(before))
            {
                break;
            }
        }

        return new KMeans(centres, assignment, squared.Sum());
    }

    /// <summary>The mean of each cluster; one that lost all rows takes the row that is farthest from its centre.</summary>
    private static FeatureRows Means(FeatureRows rows, int[] assignment, double[] squared, int clusters)
    {
        var (sums, counts) = (new double[clusters * rows.Length], new int[clusters]);
        for (var row = 0; row < rows.Count; row++)
        {
            counts[assignment[row]]++;
            var values = rows.Row(row);
            var sum = sums.AsSpan(assignment[row] * rows.Length, rows.Length);
            for (var i = 0; i < values.Length; i++)
            {
                sum[i] += values[i];
            }
        }

        var farthest = counts.Contains(0) ? Enumerable.Range(0, rows.Count).OrderByDescending(row => squared[row]).GetEnumerator() : null;
        var means = new float[sums.Length];
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var mean = means.AsSpan(cluster * rows.Length, rows.Length);
            if (counts[cluster] == 0 && farthest!.MoveNext())
            {
                rows.Row(farthest.Current).CopyTo(mean);
                continue;
            }

            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] = (float)(sums[(cluster * rows.Length) + i] / counts[cluster]);
            }
        }

        return new FeatureRows(means, rows.Length);
    }

    /// <summary>The first at random, each other with a probability proportional to the squared distance from the nearest one before it.</summary>
    private static FeatureRows Seeds(FeatureRows rows, int clusters, PhiloxStream stream, uint start)
    {
        List<int> chosen = [RandomOrder.Below(rows.Count, stream, start, element: 0, time: 1)];
        var nearest = new double[rows.Count];
        nearest.AsSpan().Fill(double.PositiveInfinity);
        while (chosen.Count < clusters)
        {
            RowProducts.SquaredDistances(rows, rows.Select([chosen[^1]]), (row, distances) => nearest[row] = Math.Min(nearest[row], distances[0]));
            var place = PhiloxStream.ToUniform(stream.Bits(1, start, 0, (uint)chosen.Count)) * nearest.Sum();
            var next = 0;
            for (; next < nearest.Length - 1 && place >= nearest[next]; next++)
            {
                place -= nearest[next];
            }

            chosen.Add(next);
        }

        return rows.Select([.. chosen]);
    }
}
