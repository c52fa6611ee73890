using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>Size of the grid that a spec's listed values span.</summary>
public static class GridSize
{
    /// <summary>Number of combinations of all listed values, saturated at <see cref="long.MaxValue"/>; a parameter without values counts as one value.</summary>
    public static long Of(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var size = 1L;
        foreach (var parameter in spec.Parameters.Values)
        {
            var count = Math.Max(1, parameter.Values.Count);
            size = size > long.MaxValue / count ? long.MaxValue : size * count;
        }

        return size;
    }
}
