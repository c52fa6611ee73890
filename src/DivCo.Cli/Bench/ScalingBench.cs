using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;

namespace DivCo.Cli.Bench;

/// <summary>
/// <c>divco bench scaling</c>: a step of a trial on different numbers of workers, beside what as many unrelated processes get that each train alone at the same
/// time: cores share caches, memory and clock, and nobody gains more than these lose.
/// </summary>
internal static class ScalingBench
{
    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        if (BenchSpec.Read(arguments, terminal) is not { } given)
        {
            return ExitCode.Usage;
        }

        var (steps, repeats, processes) = (
            arguments.GetValue(BenchArguments.Steps), arguments.GetValue(BenchArguments.Repeats), arguments.GetValue(BenchArguments.Processes));
        int[] counts = arguments.GetValue(BenchArguments.Workers) is { Length: > 0 } asked ? asked : [1, 2];
        var specs = counts.ToDictionary(count => count, count => BenchSpec.Of(given, count, steps));
        if (!specs.Values.All(spec => BenchSpec.IsSound(spec, terminal)))
        {
            return ExitCode.Usage;
        }

        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        var load = BenchReport.Load();
        using var folder = new BenchFolder();
        await using var cluster = await BenchCluster.StartAsync(executable, Path.Combine(folder.Path, "results"), counts.Max(), processes, terminal, cancel);
        using var unrelated = await UnrelatedProcesses.StartAsync(executable, BenchSpec.Write(specs[counts[0]], folder.Path), counts.Max(), cancel);
        var warm = specs[counts[0]].Trial.ReportEvery;
        var measured = counts.ToDictionary(count => count, _ => (Cluster: new List<double>(), Unrelated: new List<double>()));
        var weights = new HashSet<string>();
        for (var round = 0; round < repeats; round++)
        {
            foreach (var count in counts)
            {
                var trained = await cluster.RoundAsync(specs[count], cancel);
                weights.Add(trained.WeightsSha256);
                measured[count].Cluster.Add(trained.Seconds.Average());
                measured[count].Unrelated.Add(await unrelated.StepSecondsAsync(count, warm, steps, cancel));
                terminal.Say($"round {round + 1} of {repeats}, {count} workers: {measured[count].Cluster[^1]:0.0000} s a step; {count} unrelated: {measured[count].Unrelated[^1]:0.0000} s");
            }
        }

        if (weights.Count > 1)
        {
            throw new CommandException(ExitCode.Failed, $"after {specs[counts[0]].Trial.Steps} steps the weights differ: {string.Join(", ", weights)}");
        }

        var first = measured[counts[0]];
        terminal.WriteFigures(new JsonObject
        {
            ["bench"] = "scaling",
            ["machine"] = BenchReport.Machine(load),
            ["steps_of_round"] = steps,
            ["processes"] = processes,
            ["workers"] = new JsonArray([.. counts.Select(count => new JsonObject
            {
                ["workers"] = count,
                ["step_seconds"] = Measured.Json(measured[count].Cluster),
                ["speedup"] = Measured.Json(first.Cluster.Zip(measured[count].Cluster, (one, many) => counts[0] * one / many)),
                ["unrelated_step_seconds"] = Measured.Json(measured[count].Unrelated),
                ["unrelated_speedup"] = Measured.Json(first.Unrelated.Zip(measured[count].Unrelated, (one, many) => count * one / many)),
            })]),
            ["same_weights"] = true,
        });
        return ExitCode.Ok;
    }
}
