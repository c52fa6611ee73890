namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>Where the build laid divco and divco-server.</summary>
internal static class Installation
{
    public static string Repository { get; } = Find();

    public static string Divco => Path.Combine(Repository, "artifacts", "divco", "divco");

    public static string Server => Path.Combine(Repository, "artifacts", "divco", "divco-server");

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DivCo.Cluster.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"DivCo.Cluster.sln is in no folder above {AppContext.BaseDirectory}");
    }
}
