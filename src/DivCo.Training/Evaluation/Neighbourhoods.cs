namespace DivCo.Training.Evaluation;

/// <summary>
/// The support of a distribution as its samples suggest it: a ball around each sample, out to its k-th nearest other sample
/// (Kynkäänniemi et al., NeurIPS 2019).
/// </summary>
/// <param name="Centres">The samples.</param>
/// <param name="SquaredRadii">Of each ball.</param>
internal sealed record Neighbourhoods(FeatureRows Centres, double[] SquaredRadii)
{
    /// <param name="neighbours">k, at least 1 and fewer than there are rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is neither.</exception>
    public static Neighbourhoods Of(FeatureRows rows, int neighbours)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbours, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(neighbours, rows.Count);
        var radii = new double[rows.Count];
        var nearest = new double[neighbours];
        RowProducts.SquaredDistances(rows, rows, (row, distances) =>
        {
            nearest.AsSpan().Fill(double.PositiveInfinity);
            for (var other = 0; other < distances.Length; other++)
            {
                if (other != row && distances[other] < nearest[^1])
                {
                    Insert(nearest, distances[other]);
                }
            }

            radii[row] = nearest[^1];
        });
        return new Neighbourhoods(rows, radii);
    }

    /// <summary>The share of <paramref name="samples"/> that lie in at least one ball, border included.</summary>
    public double ShareWithin(FeatureRows samples)
    {
        var within = 0;
        RowProducts.SquaredDistances(samples, Centres, (_, distances) =>
        {
            for (var i = 0; i < distances.Length; i++)
            {
                if (distances[i] <= SquaredRadii[i])
                {
                    within++;
                    break;
                }
            }
        });
        return (double)within / samples.Count;
    }

    /// <summary>Puts a value into an ascending list in place of its greatest.</summary>
    private static void Insert(double[] ascending, double value)
    {
        var place = ascending.Length - 1;
        for (; place > 0 && ascending[place - 1] > value; place--)
        {
            ascending[place] = ascending[place - 1];
        }

        ascending[place] = value;
    }
}
