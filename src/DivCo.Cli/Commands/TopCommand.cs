using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;
using Spectre.Console;

namespace DivCo.Cli.Commands;

/// <summary>What the cluster does now. For a person it redraws itself each second; otherwise it looks once.</summary>
internal static class TopCommand
{
    /// <summary>Sweeps that are asked for their trials in one look: those that run come first.</summary>
    private const int MaxSweeps = 50;

    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var first = await LookAsync(connection, cancel);
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject
            {
                ["sweeps"] = new JsonArray([.. first.Sweeps.Select(sweep => SweepJson.Of(sweep))]),
                ["devices"] = new JsonArray([.. first.Devices.Select(SweepJson.Message)]),
            });
            return ExitCode.Ok;
        }

        if (!terminal.Live)
        {
            terminal.Console().Write(first.Show());
            return ExitCode.Ok;
        }

        using var timer = new PeriodicTimer(_period);
        await terminal.Console().Live(first.Show()).StartAsync(async display =>
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                display.UpdateTarget((await LookAsync(connection, cancel)).Show());
            }
        });
        return ExitCode.Ok;
    }

    private static async Task<ClusterOverview> LookAsync(ClusterConnection connection, CancellationToken cancel)
    {
        var running = (await connection.ListSweepsAsync(cancel)).Where(sweep => !sweep.HasEnded()).OrderBy(sweep => sweep.Status.SubmittedAt.ToDateTimeOffset()).ToList();
        var sweeps = await Task.WhenAll(running.Take(MaxSweeps)
            .Select(sweep => connection.Sweeps.GetAsync(new GetSweepRequest { Id = sweep.Id }, ClusterConnection.Once(cancel)).ResponseAsync));
        var devices = (await connection.Cluster.ListDevicesAsync(new(), ClusterConnection.Once(cancel))).Devices;
        return new ClusterOverview(sweeps, running.Count - sweeps.Length, devices);
    }
}
