using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.Output;
using DivCo.Cli.Spec;
using DivCo.Protocol;

namespace DivCo.Cli.Commands;

/// <summary><c>divco validate</c>: needs no server.</summary>
internal static class ValidateCommand
{
    public static Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var file = terminal.Json ? SpecInput.Load(arguments) : null;
        if (file is not null)
        {
            terminal.WriteJson(new JsonObject
            {
                ["valid"] = file.Errors.Count == 0,
                ["errors"] = Findings(file.Errors),
                ["warnings"] = Findings(file.Warnings),
                ["spec"] = file.Errors.Count == 0 ? SweepJson.Message(SweepDefaults.Apply(file.Spec)) : null,
            });
            return Task.FromResult(file.Errors.Count == 0 ? ExitCode.Ok : ExitCode.Usage);
        }

        if (SpecInput.Read(arguments, terminal) is not { } spec)
        {
            return Task.FromResult(ExitCode.Usage);
        }

        var complete = SweepDefaults.Apply(spec);
        terminal.Out.WriteLine($"{spec.Name} is valid: {complete.Method} search over {(complete.Parameters.Count == 0 ? "nothing" : string.Join(", ", complete.Parameters.Keys.Order()))}, "
            + $"at most {complete.Limits.MaxTrials} trials, {complete.Resources.Workers} worker(s) each");
        return Task.FromResult(ExitCode.Ok);
    }

    private static JsonArray Findings(IEnumerable<Finding> findings) => new([.. findings.Select(finding => new JsonObject
    {
        ["line"] = finding.Place.Line,
        ["column"] = finding.Place.Column,
        ["field"] = finding.Field,
        ["message"] = finding.Description,
    })]);
}
