using System.Security.Cryptography;
using System.Text.Json;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>The checkpoints of a trial as they lie on disk, checked without the product's code.</summary>
internal static class CheckpointFiles
{
    /// <summary>Names of the folders, in order.</summary>
    public static IEnumerable<string> Names(Scenario scenario, string sweep) =>
        Directory.GetDirectories(Path.Combine(scenario.Results, sweep, "trials", "0", "checkpoints")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    /// <summary>Size and SHA-256 of every file are what the manifest says.</summary>
    public static void MustVerify(string folder)
    {
        var manifest = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        var listed = manifest.GetProperty("files").EnumerateObject().ToList();
        Assert.Equal(["optimizer.safetensors", "trial.json", "weights.safetensors"], listed.Select(file => file.Name).Order(StringComparer.Ordinal));
        foreach (var file in listed)
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, file.Name));
            Assert.Equal(file.Value.GetProperty("bytes").GetInt64(), bytes.LongLength);
            Assert.Equal(file.Value.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }
}
