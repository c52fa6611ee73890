using System.Text.Json.Nodes;

namespace DivCo.Cluster.Bench;

/// <summary>Median and spread of some measurements: what a tenth of them are below, and a tenth above.</summary>
internal readonly record struct Spread(double Median, double P10, double P90, int Count)
{
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Spread Of(IEnumerable<double> measured)
    {
        double[] sorted = [.. measured.Order()];
        return sorted.Length == 0
            ? throw new ArgumentException("measured: has nothing in it; allowed: one measurement or more.", nameof(measured))
            : new Spread(At(sorted, 0.5), At(sorted, 0.1), At(sorted, 0.9), sorted.Length);
    }

    public JsonObject ToJson() => new() { ["median"] = Rounded(Median), ["p10"] = Rounded(P10), ["p90"] = Rounded(P90), ["count"] = Count };

    /// <summary>Six digits that matter.</summary>
    public static double Rounded(double value) => value == 0 || !double.IsFinite(value) ? 0
        : double.Parse(value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Between the two nearest, linearly.</summary>
    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
