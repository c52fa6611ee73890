using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Sweeps.Search;

/// <summary>Draws the parameters of the next trial: pure in (spec, index), so a coordinator that restarts draws the same.</summary>
internal static class SearchMethod
{
    /// <summary>How many trials the search has in all.</summary>
    public static int Trials(SweepSpec spec) => spec.Method switch
    {
        "grid" => (int)Math.Min(GridSearch.Points(spec), spec.Limits.HasMaxTrials ? spec.Limits.MaxTrials : long.MaxValue),
        "random" => spec.Limits.MaxTrials,
        _ => throw Unknown(spec.Method),
    };

    /// <summary>Parameters of trial <paramref name="index"/>, by their paths below trial.</summary>
    public static Struct Draw(SweepSpec spec, int index) => spec.Method switch
    {
        "grid" => GridSearch.Draw(spec, index),
        "random" => RandomSearch.Draw(spec, index),
        _ => throw Unknown(spec.Method),
    };

    /// <summary>Every data set that a trial may be given: name, image size and channels, each as the trial sets it or the search may draw it.</summary>
    public static IEnumerable<(string Name, int ImageSize, int Channels)> Datasets(SweepSpec spec) =>
        from name in Listed(spec, "dataset.name")
        from size in Listed(spec, "model.image_size")
        from channels in Listed(spec, "model.channels")
        select ((string)name, (int)size, (int)channels);

    /// <summary>What is drawn from a range, not from a list, cannot be known beforehand and yields nothing.</summary>
    private static IEnumerable<object> Listed(SweepSpec spec, string path) => spec.Parameters.TryGetValue(path, out var parameter)
        ? parameter.Values.Select(value => ParameterPath.Convert(ParameterPath.Find(path)!, value)!)
        : [ParameterPath.Get(spec.Trial, path)!];

    /// <summary>Parameters in ordinal order: the order of a map is none.</summary>
    internal static IEnumerable<KeyValuePair<string, ParameterSpec>> Ordered(SweepSpec spec) => spec.Parameters.OrderBy(entry => entry.Key, StringComparer.Ordinal);

    private static InvalidOperationException Unknown(string method) => new($"method {method} is not known; a spec that names it should not have been accepted");
}
