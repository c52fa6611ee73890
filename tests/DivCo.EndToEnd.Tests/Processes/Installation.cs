using System.Reflection;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>The folder with divco and divco-server, as the build lays it out.</summary>
internal static class Installation
{
    public static string Divco => Find("divco");

    public static string Server => Find("divco-server");

    /// <summary>The folder of the sources.</summary>
    public static string Repository => Fact("RepositoryFolder");

    private static string Find(string program)
    {
        var path = Path.Combine(Fact("InstallationFolder"), program);
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is missing. Build src/DivCo.Cli first, which builds both.", path);
    }

    private static string Fact(string key) =>
        typeof(Installation).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == key).Value!;
}
