using System.Reflection;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>The folder with divco and divco-server, as the build lays it out.</summary>
internal static class Installation
{
    public static string Divco => Find("divco");

    public static string Server => Find("divco-server");

    private static string Find(string program)
    {
        var folder = typeof(Installation).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == "InstallationFolder").Value!;
        var path = Path.Combine(folder, program);
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is missing. Build src/DivCo.Cli first, which builds both.", path);
    }
}
