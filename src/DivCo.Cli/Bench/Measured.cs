using System.Globalization;
using System.Text.Json.Nodes;

namespace DivCo.Cli.Bench;

/// <summary>Median and spread of some measurements, as JSON: what a tenth of them are below, and a tenth above.</summary>
internal static class Measured
{
    public static double Median(IEnumerable<double> measured) => At([.. measured.Order()], 0.5);

    public static JsonObject Json(IEnumerable<double> measured)
    {
        double[] sorted = [.. measured.Order()];
        return new() { ["median"] = Rounded(At(sorted, 0.5)), ["p10"] = Rounded(At(sorted, 0.1)), ["p90"] = Rounded(At(sorted, 0.9)), ["count"] = sorted.Length };
    }

    /// <summary>Six digits that matter.</summary>
    public static double Rounded(double value) => double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static double At(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
