using System.Reflection;

namespace DivCo.Cluster.Hosting;

/// <summary>What this process is a copy of.</summary>
internal static class Product
{
    /// <summary>Such as 0.1.0, without the commit that it was built from.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
