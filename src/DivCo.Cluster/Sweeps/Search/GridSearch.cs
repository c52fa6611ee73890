using DivCo.Protocol.Rules;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Sweeps.Search;

/// <summary>Every combination of the listed values; the last parameter in ordinal order changes fastest.</summary>
internal static class GridSearch
{
    public static long Points(SweepSpec spec) => GridSize.Of(spec);

    public static Struct Draw(SweepSpec spec, int index)
    {
        var drawn = new Struct();
        long rest = index;
        foreach (var (path, parameter) in SearchMethod.Ordered(spec).Reverse())
        {
            drawn.Fields[path] = parameter.Values[(int)(rest % parameter.Values.Count)];
            rest /= parameter.Values.Count;
        }

        return drawn;
    }
}
