using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;
using DivCo.Protocol;

namespace DivCo.Cli.Commands;

internal static class CheckpointCommands
{
    public static async Task<ExitCode> ListAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var checkpoints = (await connection.Checkpoints.ListAsync(
            new() { TrialId = arguments.GetValue(Arguments.Trial) }, ClusterConnection.Once(cancel))).Checkpoints;
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject
            {
                ["checkpoints"] = new JsonArray([.. checkpoints.Select(checkpoint => new JsonObject
            {
                ["trial_id"] = checkpoint.TrialId,
                ["name"] = checkpoint.Name,
                ["path"] = checkpoint.Path,
                ["step"] = checkpoint.Step,
                ["epoch"] = checkpoint.Epoch,
                ["metrics"] = SweepJson.Metrics(checkpoint.Metrics),
                ["weights_sha256"] = checkpoint.WeightsSha256,
                ["state_sha256"] = checkpoint.StateSha256,
                ["written_at"] = checkpoint.WrittenAt?.ToDateTimeOffset().ToString("O"),
            })])
            });
            return ExitCode.Ok;
        }

        terminal.WriteTable("no checkpoints yet", ["checkpoint", "step", "diversity", "weights sha256", "path"], checkpoints.Select(checkpoint => (string[])[
            checkpoint.Name, $"{checkpoint.Step}",
            Terminal.Show(checkpoint.Metrics.TryGetValue(MetricNames.Diversity, out var diversity) ? diversity : null),
            checkpoint.WeightsSha256, Words.Path(checkpoint.Path)]));
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> DownloadAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var trial = arguments.GetValue(Arguments.Trial)!;
        var asked = arguments.GetValue(Arguments.CheckpointName);
        using var connection = SweepCommands.Connect(arguments);
        var all = (await connection.Checkpoints.ListAsync(new() { TrialId = trial }, ClusterConnection.Once(cancel))).Checkpoints;
        var name = (asked is null ? all.LastOrDefault() : all.FirstOrDefault(checkpoint => checkpoint.Name == asked))?.Name
            ?? throw new CommandException(ExitCode.NotFound, asked is null
                ? $"{trial} has no checkpoint yet"
                : $"{trial} has no checkpoint {asked}; it has {string.Join(", ", all.Select(checkpoint => checkpoint.Name))}");
        using var call = connection.Checkpoints.Download(new() { TrialId = trial, Name = name }, cancellationToken: cancel);
        var files = await Download.FolderAsync(call.ResponseStream, arguments.GetValue(Arguments.To)!, name, cancel);
        return Download.Show(files, terminal);
    }
}
