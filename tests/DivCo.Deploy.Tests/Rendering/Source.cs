using System.Reflection;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>The working tree these tests were built from.</summary>
internal static class Source
{
    public static string PathOf(string relative) => Path.Combine(Fact("RepositoryRoot"), relative);

    public static string Version => Fact("ProductVersion");

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static string Fact(string key) =>
        typeof(Source).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == key).Value!;
}
