using System.Text.Json;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>The kubectl of this machine; its Kustomize knows components from 1.27 on.</summary>
internal static class Kubectl
{
    private static readonly Version _oldest = new(1, 27);
    private static readonly Lazy<Task<string?>> _impediment = new(Look);

    public static async Task MustBeThere() => Tool.MustBeThere(await _impediment.Value);

    /// <summary>What <c>kubectl kustomize</c> makes of a folder.</summary>
    public static Task<string> Kustomize(string folder) => Tool.Run("kubectl", ["kustomize", folder]);

    private static async Task<string?> Look()
    {
        try
        {
            var version = JsonSerializer.Deserialize<JsonElement>(await Tool.Run("kubectl", ["version", "--client", "--output", "json"])).GetProperty("clientVersion");
            var found = Version.Parse(version.GetProperty("gitVersion").GetString()!.TrimStart('v').Split('-', '+')[0]);
            return found >= _oldest ? null : $"kubectl is {found}; {_oldest} or newer is needed";
        }
        catch (InvalidOperationException e)
        {
            return $"kubectl cannot be used: {e.Message}";
        }
    }
}
