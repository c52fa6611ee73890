namespace DivCo.Cli.Verification;

/// <summary>What a run came to.</summary>
/// <param name="Step">The last one, that of the checkpoint.</param>
/// <param name="WeightsSha256">Of the checkpoint's file of weights, computed here.</param>
/// <param name="StateSha256">Of weights, moments and counters, as the checkpoint says.</param>
/// <param name="Seconds">From the submission to the end of the trial; the start of the servers is not counted.</param>
internal sealed record VerifiedRun(PlannedRun Run, int Step, string WeightsSha256, string StateSha256, double Seconds);

/// <summary>Which runs came to the same bits.</summary>
internal static class VerifyVerdict
{
    /// <summary>The runs that differ from most of the others (from the first one, where none is in the majority); none: all are the same.</summary>
    public static IReadOnlyList<VerifiedRun> Differing(IReadOnlyList<VerifiedRun> runs)
    {
        var agreed = runs.GroupBy(Bits).MaxBy(group => group.Count())!.Key; // of equal groups, the first
        return [.. runs.Where(run => Bits(run) != agreed)];
    }

    private static (int, string, string) Bits(VerifiedRun run) => (run.Step, run.WeightsSha256, run.StateSha256);
}
