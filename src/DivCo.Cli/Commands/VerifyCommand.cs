using System.CommandLine;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Cli.Spec;
using DivCo.Cli.Verification;
using DivCo.Protocol;

namespace DivCo.Cli.Commands;

/// <summary><c>divco verify</c>: a few steps of the spec's first trial in several ways, which must all come to the same bits.</summary>
internal static class VerifyCommand
{
    /// <summary>Devices on which kernels are probed at once: more would only wait for the same cores.</summary>
    private const int MaxProbed = 8;

    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        // 1. Everything that can be wrong before a process starts.
        if (SpecInput.Read(SweepFile.Read(arguments.GetValue(Arguments.File)!), terminal) is not { } spec)
        {
            return ExitCode.Usage;
        }

        var counts = arguments.GetValue(VerifyArguments.Workers) is { Length: > 0 } given ? given : VerifyPlan.UsualCounts(spec);
        var (kill, processes) = (arguments.GetValue(VerifyArguments.Kill), arguments.GetValue(VerifyArguments.Processes));
        var steps = VerifyPlan.Steps(spec, arguments.GetValue(VerifyArguments.Steps));
        var errors = VerifyPlan.Errors(spec, counts, kill, processes, steps);
        if (errors.Count > 0)
        {
            errors.ToList().ForEach(terminal.Complain);
            return ExitCode.Usage;
        }

        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        var complete = SweepDefaults.Apply(spec);
        var runs = VerifyPlan.Runs(counts, kill, processes, steps);
        using var folder = new ProofFolder(arguments.GetValue(VerifyArguments.Results), arguments.GetValue(VerifyArguments.Keep));

        // 2. The kernels of this machine, then one run after the other: side by side they would only share the cores.
        terminal.Say($"probing the kernels of {complete.Trial.Task} at the sizes of {spec.Name}");
        var probe = await DeviceProbe.RunAsync(executable, complete.Trial, Math.Clamp(counts.Max(), 2, MaxProbed), cancel);
        var results = new List<VerifiedRun>();
        foreach (var run in runs)
        {
            terminal.Say($"run {results.Count + 1} of {runs.Count}: {run}");
            results.Add(await new RunOfProof(run, VerifyPlan.Spec(spec, run), executable, folder.Path, terminal).RunAsync(cancel));
            terminal.Say($"  weights_sha256 {results[^1].WeightsSha256}");
        }

        // 3. The verdict.
        var differing = VerifyVerdict.Differing(results);
        terminal.WriteProof(probe, results, differing);
        if (folder.Kept)
        {
            terminal.Say($"checkpoints and logs in {Words.Path(folder.Path)}");
        }

        return differing.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
