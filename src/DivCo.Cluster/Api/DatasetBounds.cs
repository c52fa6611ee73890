using DivCo.Cluster.Sweeps.Search;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Api;

/// <summary>What a server's files may be read as images by those who hold a token: what lies below its folder of data sets, and nothing else of the machine.</summary>
internal static class DatasetBounds
{
    private const string Field = "dataset.path", Anywhere = "/data";

    /// <param name="isShared">The server lets others in, by tokens; one that serves its own user on loopback reads whatever that user may read.</param>
    public static IEnumerable<Violation> Check(SweepSpec spec, bool isShared) => !isShared ? [] :
        from path in SearchMethod.Datasets(spec, dataRoot: null).Select(request => request.Path).Distinct()
        where path is not null && !IsBelow(path)
        select new Violation(
            spec.Parameters.ContainsKey(Field) ? $"parameters.{Field}" : $"trial.{Field}",
            $"'{path}' is not below the server's folder of data sets; allowed on a server with tokens are relative paths that do not leave it: "
            + "have the images put into the folder that --datasets names, and give the path below it");

    private static bool IsBelow(string path) =>
        !Path.IsPathRooted(path) && !path.Contains('\0') && Path.GetFullPath(path, Anywhere).StartsWith(Anywhere + "/", StringComparison.Ordinal);
}
