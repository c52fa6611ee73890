using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Verification;

/// <summary>Which runs prove it, and what each trains. Pure.</summary>
internal static class VerifyPlan
{
    private static readonly int[] _usual = [1, 2, 3, 5];

    /// <summary>The counts that are compared where none are given: those that the spec's shards allow.</summary>
    public static int[] UsualCounts(SweepSpec spec) => [.. _usual.Where(count => Violations(spec, count).Count == 0)];

    /// <summary>What is wrong with the counts; empty: they can be run.</summary>
    /// <param name="steps">As <see cref="Steps"/> has them.</param>
    public static IReadOnlyList<string> Errors(SweepSpec spec, IReadOnlyList<int> counts, bool kill, int processes, int steps)
    {
        var errors = counts
            .SelectMany(count => Violations(spec, count).Select(violation => $"--workers {count}: {violation.Field}: {violation.Description}"))
            .ToList();
        if (kill && counts.Max() < 2)
        {
            errors.Add($"--kill: needs a run with 2 workers or more, but --workers is {string.Join(',', counts)}; add a count of at least 2");
        }

        if (steps < VerifyArguments.MinSteps)
        {
            errors.Add($"trial.steps: {steps} are too few to stop halfway; allowed are {VerifyArguments.MinSteps} and more");
        }

        if (kill && processes < 2)
        {
            errors.Add($"--kill: needs survivors, but --processes is {processes}; allowed are 2 and more");
        }

        return errors;
    }

    /// <summary>The steps of each run: as many as were asked for, or as the trial has.</summary>
    public static int Steps(SweepSpec spec, int asked) => spec.Trial is { HasSteps: true } trial ? Math.Min(asked, trial.Steps) : asked;

    /// <summary>One run for each count, one that is killed, and one that is resumed on another count.</summary>
    /// <param name="steps">The steps of each run; the resumed one stops halfway first.</param>
    public static IReadOnlyList<PlannedRun> Runs(IReadOnlyList<int> counts, bool kill, int processes, int steps)
    {
        var (least, most) = (counts.Min(), counts.Max());
        var runs = counts.Select(count => new PlannedRun($"{count}", [Life(count, steps)])).ToList();
        if (kill)
        {
            runs.Add(new PlannedRun($"{most}-killed", [Life(most, steps) with { KilledIn = steps - 2 }]));
        }

        runs.Add(new PlannedRun($"{least}-to-{most}", [Life(least, (steps + 1) / 2), Life(most, steps)]));
        return runs;

        PlannedLife Life(int workers, int last) => new(workers, Math.Min(workers, processes), last);
    }

    /// <summary>The user's own spec for one trial. What decides the weights is left as it is, so its trial hash too is the user's.</summary>
    public static SweepSpec Spec(SweepSpec spec, PlannedRun run)
    {
        var one = spec.Clone();
        one.Limits ??= new Limits();
        (one.Limits.MaxTrials, one.Limits.MaxConcurrent) = (1, 1);
        one.Resources ??= new Resources();
        one.Resources.Workers = run.Last.Workers;
        // Only what is killed, or begins with fewer, may train on fewer devices: every other run must have all of them.
        one.Resources.Elastic = run.Killed || run.Resumed ? new Elastic { Min = 1, Max = run.Last.Workers } : null;
        return one;
    }

    private static IReadOnlyList<Violation> Violations(SweepSpec spec, int workers) =>
        SweepSpecRules.Check(Spec(spec, new PlannedRun("", [new PlannedLife(workers, 1, 1)])));
}
