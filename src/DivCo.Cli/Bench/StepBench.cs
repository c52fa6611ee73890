using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;

namespace DivCo.Cli.Bench;

/// <summary><c>divco bench step</c>: a step of a trial on a real cluster of one worker, against the bare loop of the same step; they take turns, and must come to the same weights.</summary>
internal static class StepBench
{
    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        if (BenchSpec.Read(arguments, terminal) is not { } given)
        {
            return ExitCode.Usage;
        }

        var (steps, repeats) = (arguments.GetValue(BenchArguments.Steps), arguments.GetValue(BenchArguments.Repeats));
        var spec = BenchSpec.Of(given, 1, steps);
        if (!BenchSpec.IsSound(spec, terminal))
        {
            return ExitCode.Usage;
        }

        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        var load = BenchReport.Load();
        using var folder = new BenchFolder();
        using var bare = await BareProcess.StartAsync(executable, BenchSpec.Write(spec, folder.Path), cancel);
        await using var cluster = await BenchCluster.StartAsync(executable, Path.Combine(folder.Path, "results"), 1, 1, terminal, cancel);
        List<double> whole = [], within = [], alone = [], ratios = [], allocated = [];
        for (var round = 0; round < repeats; round++)
        {
            var orchestrated = await cluster.RoundAsync(spec, cancel);
            var plain = await bare.RoundAsync(spec.Trial.ReportEvery, steps, cancel);
            if (plain.WeightsSha256 != orchestrated.WeightsSha256)
            {
                throw new CommandException(ExitCode.Failed, $"after {spec.Trial.Steps} steps the cluster has weights {orchestrated.WeightsSha256}, the bare loop {plain.WeightsSha256}");
            }

            whole.AddRange(orchestrated.Seconds);
            within.AddRange(orchestrated.WithinSteps);
            alone.AddRange(plain.Seconds);
            allocated.Add(plain.AllocatedBytesPerStep);
            ratios.Add(orchestrated.Seconds.Average() / plain.Seconds.Average());
            terminal.Say($"round {round + 1} of {repeats}: {orchestrated.Seconds.Average():0.0000} s a step, bare {plain.Seconds.Average():0.0000} s");
        }

        terminal.WriteFigures(new JsonObject
        {
            ["bench"] = "step",
            ["machine"] = BenchReport.Machine(load),
            ["steps_of_round"] = steps,
            ["step_seconds"] = Measured.Json(whole),
            ["within_steps_seconds"] = Measured.Json(within),
            ["references"] = new JsonObject
            {
                ["bare_loop"] = new JsonObject { ["step_seconds"] = Measured.Json(alone), ["allocated_bytes_per_step"] = Measured.Json(allocated) },
            },
            ["step_to_bare"] = Measured.Json(ratios),
            ["same_weights"] = true,
        });
        return ExitCode.Ok;
    }
}
