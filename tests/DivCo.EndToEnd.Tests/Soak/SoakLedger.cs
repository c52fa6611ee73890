using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DivCo.EndToEnd.Tests.Scenarios;

namespace DivCo.EndToEnd.Tests.Soak;

/// <summary>The events of all soak runs so far, a line each, so that a soak can be cut anywhere and goes on with its next story.</summary>
internal static class SoakLedger
{
    public static string Folder { get; } = Directory.CreateDirectory(Path.GetFullPath(Path.Combine(
        typeof(SoakLedger).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == "InstallationFolder").Value!, "..", "soak"))).FullName;

    private static string Events => Path.Combine(Folder, "events.jsonl");

    /// <summary>What every story must end with; trained once for all soak runs.</summary>
    public static async Task<Hashes> Undisturbed()
    {
        var spec = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SoakStory.Undisturbed.Spec)))[..12];
        var file = Path.Combine(Folder, $"undisturbed-{spec}.json");
        if (!File.Exists(file))
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(await SoakStory.Undisturbed.Hashes()), TestContext.Current.CancellationToken);
        }

        return JsonSerializer.Deserialize<Hashes>(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
    }

    public static IReadOnlyList<SoakEvent> Read() => File.Exists(Events) ? [.. File.ReadLines(Events).Select(line => JsonSerializer.Deserialize<SoakEvent>(line)!)] : [];

    /// <summary>Adds the events of a story, and writes the table anew.</summary>
    public static void Add(IEnumerable<SoakEvent> events)
    {
        File.AppendAllLines(Events, events.Select(one => JsonSerializer.Serialize(one)));
        File.WriteAllText(Path.Combine(Folder, "table.md"), SoakTable.Of(Read()));
    }
}
