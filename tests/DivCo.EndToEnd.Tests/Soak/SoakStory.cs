using System.Diagnostics;
using System.Globalization;
using DivCo.EndToEnd.Tests.Processes;
using DivCo.EndToEnd.Tests.Scenarios;

namespace DivCo.EndToEnd.Tests.Soak;

/// <summary>One training that is disturbed again and again until it has ended, and what came of it.</summary>
/// <param name="kind">As the table has it.</param>
/// <param name="number">Of the story: its chances are drawn from it.</param>
/// <param name="whereabouts">Of the sweep.</param>
/// <param name="lastWords">Of what trains; null while it does.</param>
internal sealed class SoakStory(string kind, int number, LossReports reports, Whereabouts whereabouts, Func<string?> lastWords)
{
    public const int Steps = 500;
    private const int BatchSize = 8;
    private const int LongestCalm = 1500; // ms
    private const int LongestLine = 400;
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(100);

    private readonly List<SoakEvent> _events = [];

    public static Undisturbed Undisturbed { get; } = new(Specs.Tiny(steps: Steps, every: 250)
        .Replace("{workers: 2}", "{workers: 2, elastic: {min: 1, max: 3}}").Replace("report_every: 2", "report_every: 1"));

    public int Count => _events.Count;

    /// <summary>The chances of this story.</summary>
    public Random Draw { get; } = new(number);

    /// <summary>Waits until two servers or more train, and then for a moment that chance picks.</summary>
    /// <param name="choose">The victim, one of those that train; null: none of them is the right one yet.</param>
    /// <returns>Null where the training ended before.</returns>
    public async Task<string?> Victim(Func<IReadOnlyList<string>, string?> choose)
    {
        await Task.Delay(Draw.Next(LongestCalm), TestContext.Current.CancellationToken);
        var victim = await Deadline.Until(
            "a victim", () => Task.FromResult(IsOver() ? "" : Trains() is { Count: > 1 } servers ? choose(servers) : null),
            TimeSpan.FromMinutes(3), whereabouts.ToString, _period);
        return victim == "" ? null : victim;
    }

    /// <summary>Does it, and measures the time to the next committed update; an update that was the last one before is no measure.</summary>
    public async Task Disturb(string victim, Action what)
    {
        var epoch = reports.Last()!.Epoch;
        var held = whereabouts.Leader == victim;
        var started = Stopwatch.GetTimestamp();
        what();
        var next = await reports.After(epoch, Steps, lastWords, instead: WhatWasThere);
        if (next.Epoch > epoch)
        {
            _events.Add(new SoakEvent(kind, number, victim, held, Stopwatch.GetElapsedTime(started).TotalSeconds, false, 0, 0, Load()));
        }
    }

    /// <summary>Enters the events with how it all ended.</summary>
    public async Task End(Hashes hashes)
    {
        KeepLog();
        var steps = reports.Steps;
        var lost = Enumerable.Range(1, Steps).Except(steps).Count();
        var twice = steps.Count - steps.Distinct().Count();
        var isEqual = hashes == await SoakLedger.Undisturbed();
        SoakLedger.Add(_events.Select(one => one with { HashEqual = isEqual, SamplesLost = lost * BatchSize, SamplesTwice = twice * BatchSize }));
        Assert.True(isEqual, $"{kind}, story {number}: {hashes} instead of {await SoakLedger.Undisturbed()}");
        Assert.Equal((0, 0), (lost, twice));
    }

    private string WhatWasThere()
    {
        KeepLog();
        return $"{whereabouts}. Log: {LogFile}";
    }

    private string LogFile => Path.Combine(SoakLedger.Folder, $"{kind.Replace(' ', '-')}-{number}.log");

    private void KeepLog() => File.WriteAllLines(LogFile, whereabouts.Log.Select(line => line.Length > LongestLine ? line[..LongestLine] : line));

    private bool IsOver() => lastWords() is not null || reports.Last()?.Step >= Steps;

    /// <summary>Servers of the quorum, once it has committed something.</summary>
    private IReadOnlyList<string>? Trains() =>
        whereabouts.Quorum is { } quorum && reports.Last()?.Epoch == quorum.Epoch ? quorum.Servers : null;

    private static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
