using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;

namespace DivCo.Cli.Commands;

internal static class SampleCommands
{
    public static async Task<ExitCode> ListAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var samples = (await connection.Checkpoints.ListSamplesAsync(
            new() { TrialId = arguments.GetValue(Arguments.Trial) }, ClusterConnection.Once(cancel))).Samples;
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject { ["samples"] = new JsonArray([.. samples.Select(SweepJson.Message)]) });
            return ExitCode.Ok;
        }

        terminal.WriteTable("no pictures yet", ["picture", "path"], samples.Select(sample => (string[])[sample.Name, Words.Path(sample.Path)]));
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> DownloadAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var request = new Protocol.V1.DownloadSampleRequest
        {
            TrialId = arguments.GetValue(Arguments.Trial),
            Name = arguments.GetValue(Arguments.SampleName) ?? "",
        };
        using var call = connection.Checkpoints.DownloadSample(request, cancellationToken: cancel);
        return Download.Show(await Download.FilesAsync(call.ResponseStream, arguments.GetValue(Arguments.To)!, cancel), terminal);
    }
}
