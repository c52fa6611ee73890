namespace DivCo.EndToEnd.Tests;

/// <summary>Certificates and a token by the product's own commands, and the settings of servers that use them.</summary>
internal static class Secured
{
    /// <summary>Makes the story's clients the holder of a token, on the way.</summary>
    /// <returns>The folder of the certificates.</returns>
    public static async Task<string> Secure(this Scenario scenario, string role)
    {
        (await scenario.Run("certs", "--to", "certs")).MustSucceed();
        var token = await scenario.Run("token", "holder", "--role", role, "--file", "tokens");
        token.MustSucceed();
        var folder = Path.Combine(scenario.Folder, "certs");
        scenario.Identity = new Identity(Path.Combine(folder, "ca.crt"), token.Output.Trim());
        return folder;
    }

    public static string TokenFile(this Scenario scenario) => Path.Combine(scenario.Folder, "tokens");
}
