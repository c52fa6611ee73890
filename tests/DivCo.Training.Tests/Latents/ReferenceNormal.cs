namespace DivCo.Training.Tests.Latents;

/// <summary>The normal distribution by its power series and continued fraction, in plain loops.</summary>
internal static class ReferenceNormal
{
    public static double Cdf(double x) => x < -3 ? UpperTail(-x) : x > 3 ? 1 - UpperTail(x) : 0.5 + (Density(x) * Series(x));

    /// <summary>CDF at n of N(0, 1) conditioned on |n - q| >= r.</summary>
    public static double CdfOutside(double n, double q, double r)
    {
        var (below, above) = (Cdf(q - r), Cdf(-q - r));
        return n <= q - r ? Cdf(n) / (below + above)
            : n < q + r ? below / (below + above)
            : 1 - (Cdf(-n) / (below + above));
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    private static double Series(double x)
    {
        var (term, sum) = (x, x);
        for (var k = 3; k < 200; k += 2)
        {
            term *= x * x / k;
            sum += term;
        }

        return sum;
    }

    private static double UpperTail(double x)
    {
        var fraction = x;
        for (var k = 200; k >= 1; k--)
        {
            fraction = x + (k / fraction);
        }

        return Density(x) / fraction;
    }
}
