using System.CommandLine;
using System.Diagnostics;
using DivCo.Cli.Connection;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Commands;

/// <summary>Commands that use a checkpoint: it is fetched from a cluster where it is named by its trial, then divco-server does the work, on this machine and without a cluster.</summary>
internal static class CheckpointUse
{
    public static Task<ExitCode> GenerateAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel) => UseAsync(
        "generate",
        [CheckpointOptions.Count, CheckpointOptions.Latent, CheckpointOptions.Seed, CheckpointOptions.Split, CheckpointOptions.Directory],
        CheckpointOptions.Condition,
        arguments, terminal, cancel);

    public static Task<ExitCode> ExportAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel) =>
        UseAsync("export", [CheckpointOptions.Directory], null, arguments, terminal, cancel);

    public static Task<ExitCode> EvaluateAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel) => UseAsync(
        "evaluate",
        [CheckpointOptions.Samples, CheckpointOptions.Features, CheckpointOptions.Perceptual, CheckpointOptions.Seed],
        CheckpointOptions.Metrics,
        arguments, terminal, cancel);

    private static async Task<ExitCode> UseAsync(
        string verb, IEnumerable<Option<string?>> options, Option<string[]>? list, ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        var temporary = Path.Combine(Path.GetTempPath(), $"divco-{Guid.NewGuid():N}");
        try
        {
            var folder = await FolderAsync(arguments.GetValue(Arguments.Checkpoint)!, temporary, arguments, cancel);
            string[] given = [.. options.Where(option => arguments.GetValue(option) is not null).SelectMany(option => (string[])[option.Name, arguments.GetValue(option)!])];
            string[] listed = [.. (list is null ? null : arguments.GetValue(list) ?? [])?.SelectMany(value => (string[])[list!.Name, value]) ?? []];
            return await RunAsync(executable, [verb, folder, .. given, .. listed, .. terminal.Json ? (string[])["--output", "json"] : []], terminal, cancel);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>The folder that was named, or a download of the checkpoint that was.</summary>
    private static async Task<string> FolderAsync(string text, string temporary, ParseResult arguments, CancellationToken cancel)
    {
        if (Directory.Exists(text))
        {
            return Path.GetFullPath(text);
        }

        var (trial, step) = text.Split('@') is [var before, var after] ? (before, after) : (text, null);
        if (!TrialId.TryParse(trial, out _))
        {
            throw new CommandException(ExitCode.NotFound, $"there is no folder '{Spec.YamlTree.Shorten(text)}', and it is no trial: write <sweep>/<index> or <sweep>/<index>@<step>");
        }

        using var connection = SweepCommands.Connect(arguments);
        var all = (await connection.Checkpoints.ListAsync(new() { TrialId = trial }, ClusterConnection.Once(cancel))).Checkpoints;
        var chosen = Choose(all, trial, step);
        using var call = connection.Checkpoints.Download(new() { TrialId = trial, Name = chosen.Name }, cancellationToken: cancel);
        await Download.FolderAsync(call.ResponseStream, temporary, chosen.Name, cancel);
        return Path.Combine(temporary, chosen.Name);
    }

    /// <param name="step">A step, the name of a checkpoint, or null for the last one.</param>
    private static Checkpoint Choose(IReadOnlyList<Checkpoint> all, string trial, string? step) =>
        (step is null ? all.LastOrDefault() : all.LastOrDefault(checkpoint => checkpoint.Name == step || (int.TryParse(step, out var number) && checkpoint.Step == number)))
            ?? throw new CommandException(ExitCode.NotFound, step is null
                ? $"{trial} has no checkpoint yet"
                : $"{trial} has no checkpoint of step {step}; it has {string.Join(", ", all.Select(checkpoint => checkpoint.Step))}");

    private static async Task<ExitCode> RunAsync(string executable, string[] options, Terminal terminal, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo(executable, options) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            await Task.WhenAll(
                PassOnAsync(process.StandardOutput, terminal.Out, cancel), PassOnAsync(process.StandardError, terminal.Error, cancel), process.WaitForExitAsync(cancel));
            return process.ExitCode == 0 ? ExitCode.Ok : process.ExitCode == 2 ? ExitCode.Usage : ExitCode.Failed;
        }
        finally
        {
            process.Kill(entireProcessTree: true); // one that has ended is no error
        }
    }

    private static async Task PassOnAsync(StreamReader from, TextWriter to, CancellationToken cancel)
    {
        while (await from.ReadLineAsync(cancel) is { } line)
        {
            await to.WriteLineAsync(line);
        }
    }
}
