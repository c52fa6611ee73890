using System.CommandLine;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Commands;

internal static class LogsCommand
{
    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var request = new LogsRequest { TrialId = arguments.GetValue(Arguments.Trial), Follow = arguments.GetValue(Arguments.Follow) };
        using var call = connection.Sweeps.Logs(request, request.Follow ? new CallOptions(cancellationToken: cancel) : ClusterConnection.Once(cancel));
        await foreach (var line in call.ResponseStream.ReadAllAsync(cancel))
        {
            if (terminal.Json)
            {
                terminal.WriteJson(SweepJson.Message(line)!);
            }
            else
            {
                terminal.Out.WriteLine(Words.Of(line));
            }
        }

        return ExitCode.Ok;
    }
}
