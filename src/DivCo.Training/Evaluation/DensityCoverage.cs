namespace DivCo.Training.Evaluation;

/// <summary>
/// Precision and recall that single outliers cannot spoil: only balls of real samples count (Naeem, Oh, Uh, Choi and Yoo, "Reliable Fidelity and
/// Diversity Metrics for Generative Models", ICML 2020).
/// </summary>
/// <param name="Density">In how many balls a generated sample lies, divided by k; around 1 for equal distributions, and may be more.</param>
/// <param name="Coverage">Share of the balls that hold a generated sample.</param>
internal sealed record DensityCoverage(double Density, double Coverage)
{
    /// <summary>k of the paper.</summary>
    public const int Neighbours = 5;

    /// <param name="real">Made with <paramref name="neighbours"/>.</param>
    public static DensityCoverage Of(Neighbourhoods real, FeatureRows generated, int neighbours = Neighbours)
    {
        long inside = 0;
        var covered = new bool[real.Centres.Count];
        RowProducts.SquaredDistances(generated, real.Centres, (_, distances) =>
        {
            for (var i = 0; i < distances.Length; i++)
            {
                if (distances[i] < real.SquaredRadii[i])
                {
                    inside++;
                    covered[i] = true;
                }
            }
        });
        return new DensityCoverage((double)inside / neighbours / generated.Count, (double)covered.Count(isCovered => isCovered) / covered.Length);
    }
}
