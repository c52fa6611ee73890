using System.Globalization;

namespace DivCo.EndToEnd.Tests.Soak;

/// <summary>The events as a table in Markdown.</summary>
internal static class SoakTable
{
    private const string Header = """
        | failure | count | stories | hash equal | next commit: median | worst | samples lost | used twice | load |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |

        """;

    private const string Legend = """

        Each story ends with the SHA-256 of weights and of state compared to the undisturbed run's. Next commit: seconds from the failure to the first line
        of metrics.jsonl that a later quorum epoch wrote, so the rest of a step and its report are in it. Samples lost and used twice: of steps
        that metrics.jsonl lacks or has more than once at the end; that each was used once, in its place, is what the equal hash says.

        """;

    public static string Of(IReadOnlyList<SoakEvent> events) => Header
        + string.Concat(events.GroupBy(one => one.Kind).SelectMany(Rows))
        + Legend;

    private static IEnumerable<string> Rows(IGrouping<string, SoakEvent> kind)
    {
        yield return Row(kind.Key, [.. kind]);
        if (kind.Any(one => one.HeldTrial) && kind.Any(one => !one.HeldTrial))
        {
            yield return Row("- of a process that held the trial's grain", [.. kind.Where(one => one.HeldTrial)]);
            yield return Row("- of another", [.. kind.Where(one => !one.HeldTrial)]);
        }
    }

    private static string Row(string name, List<SoakEvent> events)
    {
        var seconds = events.Select(one => one.Seconds).Order().ToList();
        var stories = events.GroupBy(one => one.Story).Select(story => story.First()).ToList();
        var median = (seconds[(seconds.Count - 1) / 2] + seconds[seconds.Count / 2]) / 2;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {events.Count} | {stories.Count} | {(events.All(one => one.HashEqual) ? "yes" : "NO")} | {median:0.0} s | {seconds[^1]:0.0} s "
            + $"| {stories.Sum(story => story.SamplesLost)} | {stories.Sum(story => story.SamplesTwice)} | {events.Min(one => one.Load):0}-{events.Max(one => one.Load):0} |\n");
    }
}
