using System.CommandLine;
using DivCo.Cli.Connection;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Commands;

/// <summary><c>divco run</c>: servers on this machine, for one sweep; with the id and spec of an earlier run it goes on where that ended.</summary>
internal static class RunCommand
{
    /// <summary>A stop waits for the running step and its checkpoint.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How long the servers may be away before the run gives up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        // 1. Everything that can be wrong before a process starts.
        if (SpecInput.Read(arguments, terminal) is not { } spec)
        {
            return ExitCode.Usage;
        }

        var complete = SweepDefaults.Apply(spec);
        var processes = arguments.GetValue(Arguments.Processes);
        var devices = arguments.GetValue(Arguments.Devices) ?? DeviceList.For(
            complete.Resources.Workers, Math.Min(complete.Limits.MaxConcurrent, complete.Limits.MaxTrials), processes, Environment.ProcessorCount);
        CheckDevices(complete, processes * devices.Count, $"--processes {processes} --devices {devices.Text}");
        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        var id = SpecInput.Id(arguments, spec);

        // 2. The servers.
        using var folder = new ResultsFolder(arguments.GetValue(Arguments.Results)!);
        await LeftoverServers.GoneAsync(folder.Data, terminal.Say, cancel);
        var options = Enumerable.Range(0, processes).Select(i => $"silo-{i}").Select(name =>
            new ServerOptions(executable, name, folder.Data, folder.Path, devices.Text, folder.Log(name), folder.ReadyFile(name)));
        terminal.Say($"starting {processes} server{(processes == 1 ? "" : "s")} with {devices.Text} each; results in {Words.Path(folder.Path)}");
        await using var servers = await ServerGroup.StartAsync([.. options], terminal.Say, cancel);

        // 3. The sweep, alone on the devices: submitted, or found and queued again.
        using (var connection = new ClusterConnection(servers.Addresses[0], Credentials.None))
        {
            await new SweepOfRun(connection, servers, id, terminal).StartAsync(spec, cancel);
        }

        // 4. Watch it; Ctrl-C stops it with a checkpoint and waits for that.
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(servers.GaveUp);
        var stopping = Task.CompletedTask;
        using var onCancel = cancel.Register(() =>
        {
            giveUp.CancelAfter(StopTimeout);
            stopping = StopAsync(servers, id, terminal, giveUp.Token);
        });
        try
        {
            var sweep = await terminal.ShowAsync(new SweepFollower(id, () => servers.Addresses, Credentials.None, Patience, TimeProvider.System).FollowAsync(giveUp.Token));
            await stopping;
            return Finish(sweep!, terminal, folder, cancel.IsCancellationRequested);
        }
        catch (Exception end) when (giveUp.IsCancellationRequested && end is OperationCanceledException or RpcException)
        {
            throw new CommandException(ExitCode.Failed, servers.Failure is { } failure
                ? $"{failure.Message}\nwhat {id} has reached is kept: run it again with --id {id} to go on"
                : $"{id} did not stop within {StopTimeout.TotalMinutes} minutes; logs: {folder.Log("*")}");
        }
    }

    private static void CheckDevices(SweepSpec complete, int available, string source)
    {
        if (available < complete.Resources.Workers)
        {
            throw new CommandException(ExitCode.Usage, $"resources.workers: a trial needs {complete.Resources.Workers} devices, but {source} makes {available}; "
                + "give more devices or processes, or fewer --workers");
        }
    }

    private static async Task StopAsync(ServerGroup servers, string id, Terminal terminal, CancellationToken giveUp)
    {
        terminal.Say("stopping with a checkpoint; Ctrl-C again ends at once");
        while (!giveUp.IsCancellationRequested)
        {
            try
            {
                using var connection = new ClusterConnection(servers.Addresses[0], Credentials.None);
                await connection.Sweeps.StopAsync(new StopRequest { Id = id }, ClusterConnection.Once(giveUp));
                return;
            }
            catch (Exception failure) when (failure is RpcException or ArgumentOutOfRangeException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), CancellationToken.None); // another server may answer
            }
        }
    }

    private static ExitCode Finish(Sweep sweep, Terminal terminal, ResultsFolder folder, bool cancelled)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(SweepJson.Of(sweep));
        }
        else
        {
            terminal.WriteSummary(sweep);
        }

        if (sweep.Status.State == State.Failed)
        {
            terminal.Complain($"{sweep.Id} failed: {sweep.Status.Reason}; logs: {folder.Log("*")}");
        }

        return cancelled ? ExitCode.Cancelled : SweepCommands.Outcome(sweep);
    }
}
