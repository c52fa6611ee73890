using System.Globalization;
using System.Text.RegularExpressions;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Which server holds what, as their logs have it: the newest word counts, whoever said it.</summary>
/// <param name="sweep">Of one trial.</param>
/// <param name="logs">All lines that each server ever logged, by its name.</param>
internal sealed partial class Whereabouts(string sweep, Func<IReadOnlyDictionary<string, IEnumerable<string>>> logs)
{
    /// <summary>The server that holds the grain of the sweep.</summary>
    public string? Coordinator => Newest($"{sweep} is coordinated by this silo")?.Server;

    /// <summary>The server that holds the grain of the trial.</summary>
    public string? Leader => Newest($"{sweep}/0 is led by this silo")?.Server;

    /// <summary>The quorum epoch that trains, and the servers of its members; null while there is none.</summary>
    public (uint Epoch, IReadOnlyList<string> Servers)? Quorum =>
        Newest($@"{sweep}/0 epoch \d+: ") is { } said && Trains().Match(said.Text) is { Success: true } trains
            ? (uint.Parse(trains.Groups["epoch"].ValueSpan, CultureInfo.InvariantCulture), [.. trains.Groups["devices"].Value.Split(", ").Select(device => device.Split('/')[0])])
            : null;

    /// <summary>What all servers logged, in the order of time.</summary>
    public IEnumerable<string> Log => logs().SelectMany(log => log.Value.Select(line => (Server: log.Key, Line: line)))
        .OrderBy(said => said.Line, StringComparer.Ordinal).Select(said => $"{said.Server}: {said.Line}");

    public override string ToString() =>
        $"{sweep} is coordinated by {Coordinator}, its trial led by {Leader} and trained by {(Quorum is { } quorum ? $"{string.Join(", ", quorum.Servers)} in epoch {quorum.Epoch}" : "nobody")}";

    /// <summary>Lines begin with their time, so their order is that of time.</summary>
    private (string Server, string Text)? Newest(string pattern)
    {
        var line = new Regex($@"^\S+Z info: \S+ {pattern}");
        return logs().SelectMany(log => log.Value.Where(text => line.IsMatch(text)), (log, text) => (Server: log.Key, Text: text))
            .OrderBy(said => said.Text, StringComparer.Ordinal)
            .Select(said => ((string, string)?)said)
            .LastOrDefault();
    }

    [GeneratedRegex(@" epoch (?<epoch>\d+): Running, trains on (?<devices>.+) from ")]
    private static partial Regex Trains();
}
