using System.CommandLine;
using DivCo.Cli.Commands;
using DivCo.Cli.Output;
using DivCo.Cli.Spec;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf;

namespace DivCo.Cli.Bench;

/// <summary>What is measured of a sweep file: its first trial, as long as is asked for, without evaluation, with a checkpoint at its end alone.</summary>
internal static class BenchSpec
{
    /// <returns>Null after the file's errors were told.</returns>
    public static SweepSpec? Read(ParseResult arguments, Terminal terminal) => SpecInput.Read(SweepFile.Read(arguments.GetValue(Arguments.File)!), terminal);

    /// <param name="steps">To be timed, after as many as a report takes.</param>
    public static SweepSpec Of(SweepSpec spec, int workers, int steps)
    {
        var one = spec.Clone();
        one.Limits ??= new Limits();
        (one.Limits.MaxTrials, one.Limits.MaxConcurrent) = (1, 1);
        one.Resources ??= new Resources();
        (one.Resources.Workers, one.Resources.Elastic) = (workers, null);
        (one.Trial.Evaluation, one.Metric) = (null, null);
        one.Trial.ReportEvery = Math.Min(steps, SweepDefaults.Apply(spec).Trial.ReportEvery);
        one.Trial.Steps = one.Trial.ReportEvery + steps;
        one.Trial.Checkpoint = new CheckpointSpec { Every = one.Trial.Steps };
        return one;
    }

    /// <summary>Writes the complete spec for divco-server.</summary>
    public static string Write(SweepSpec spec, string folder)
    {
        var path = Path.Combine(folder, "spec.json");
        File.WriteAllText(path, JsonFormatter.Default.Format(SweepDefaults.Apply(spec)));
        return path;
    }

    /// <summary>What is wrong with the spec for such a measurement, told; true where nothing is.</summary>
    public static bool IsSound(SweepSpec spec, Terminal terminal)
    {
        var violations = SweepSpecRules.Check(spec);
        foreach (var violation in violations)
        {
            terminal.Complain($"{violation.Field}: {violation.Description}");
        }

        return violations.Count == 0;
    }
}
