using System.Reflection;
using System.Text.Json;

namespace DivCo.EndToEnd.Tests.Soak;

/// <summary>The events of all soak runs so far, a line each, so that a soak can be cut anywhere and goes on with its next story.</summary>
internal static class SoakLedger
{
    public static string Folder { get; } = Directory.CreateDirectory(Path.GetFullPath(Path.Combine(
        typeof(SoakLedger).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == "InstallationFolder").Value!, "..", "soak"))).FullName;

    private static string Events => Path.Combine(Folder, "events.jsonl");

    public static IReadOnlyList<SoakEvent> Read() => File.Exists(Events) ? [.. File.ReadLines(Events).Select(line => JsonSerializer.Deserialize<SoakEvent>(line)!)] : [];

    /// <summary>Adds the events of a story, and writes the table anew.</summary>
    public static void Add(IEnumerable<SoakEvent> events)
    {
        File.AppendAllLines(Events, events.Select(one => JsonSerializer.Serialize(one)));
        File.WriteAllText(Path.Combine(Folder, "table.md"), SoakTable.Of(Read()));
    }
}
