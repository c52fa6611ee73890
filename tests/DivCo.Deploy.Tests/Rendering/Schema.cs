namespace DivCo.Deploy.Tests.Rendering;

/// <summary>Kubernetes' published schemas, as an npm package holds them.</summary>
internal static class Schema
{
    private static readonly Lazy<Task<string?>> _impediment = new(Install);

    private static string Folder => Source.PathOf("tests/DivCo.Deploy.Tests/Schemas");

    /// <returns>What the check says of all documents.</returns>
    /// <exception cref="InvalidOperationException">One is not as its schema says.</exception>
    public static async Task<string> Check(string yaml)
    {
        Tool.MustBeThere(await _impediment.Value);
        return await Tool.Run("node", ["check.mjs"], yaml, Folder);
    }

    private static async Task<string?> Install()
    {
        try
        {
            // npm writes its own lock file last, so its presence says that the folder is whole.
            if (!File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
            {
                await Tool.Run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"], folder: Folder);
            }

            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"the schemas cannot be had: {e.Message}";
        }
    }
}
