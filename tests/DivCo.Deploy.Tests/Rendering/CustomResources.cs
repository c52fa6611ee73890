namespace DivCo.Deploy.Tests.Rendering;

/// <summary>Kinds that are not Kubernetes' own.</summary>
internal static class CustomResources
{
    public static IDictionary<string, Type> Types => new Dictionary<string, Type>();
}
