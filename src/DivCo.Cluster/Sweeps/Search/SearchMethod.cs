using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training.Data;
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

    /// <summary>Every data set that a trial may be given, as the trial sets its fields or the search may draw them.</summary>
    public static IEnumerable<DatasetRequest> Datasets(SweepSpec spec, string? dataRoot) =>
        from task in Listed<string>(spec, "task")
        from name in Listed<string>(spec, "dataset.name")
        from path in Listed<string?>(spec, "dataset.path")
        from load in Listed<int?>(spec, "dataset.load_size")
        from flip in Listed<bool?>(spec, "dataset.flip")
        from size in Listed<int>(spec, "model.image_size")
        from channels in Listed<int>(spec, "model.channels")
        select new DatasetRequest(name, Split.Train, size, channels, dataRoot) { Kind = DatasetKinds.NeededBy(task), Path = path, LoadSize = load, Flip = flip ?? false };

    /// <summary>What is drawn from a range, not from a list, cannot be known beforehand and yields nothing.</summary>
    private static IEnumerable<T> Listed<T>(SweepSpec spec, string path) => spec.Parameters.TryGetValue(path, out var parameter)
        ? parameter.Values.Select(value => (T)ParameterPath.Convert(ParameterPath.Find(path)!, value)!)
        : [(T)ParameterPath.Get(spec.Trial, path)!];

    /// <summary>Parameters in ordinal order: the order of a map is none.</summary>
    internal static IEnumerable<KeyValuePair<string, ParameterSpec>> Ordered(SweepSpec spec) => spec.Parameters.OrderBy(entry => entry.Key, StringComparer.Ordinal);

    private static InvalidOperationException Unknown(string method) => new($"method {method} is not known; a spec that names it should not have been accepted");
}
