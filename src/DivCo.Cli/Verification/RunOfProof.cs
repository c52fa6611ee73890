using System.Diagnostics;
using System.Security.Cryptography;
using DivCo.Cli.Commands;
using DivCo.Cli.Connection;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.Cli.Verification;

/// <summary>Carries out one planned run, in server processes of its own.</summary>
/// <param name="root">Each run has a folder below it.</param>
internal sealed class RunOfProof(PlannedRun plan, SweepSpec spec, string executable, string root, Terminal terminal)
{
    private const string Id = "verify";
    private const string WeightsFile = "weights.safetensors";

    /// <summary>How long a trial may show no progress: a step of a large network on one thread takes minutes.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(30);

    /// <exception cref="CommandException">The run did not come to its last step, or nobody was killed in it.</exception>
    public async Task<VerifiedRun> RunAsync(CancellationToken cancel)
    {
        using var folder = new ResultsFolder(Path.Combine(root, plan.Name));
        var (seconds, trial) = (0.0, new Trial());
        foreach (var life in plan.Lives)
        {
            (var spent, trial) = await LiveAsync(life, folder, cancel);
            seconds += spent;
        }

        var path = Path.Combine(trial.Checkpoint.Path, WeightsFile);
        await using var weights = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(weights, cancel));
        return sha256 == trial.Checkpoint.WeightsSha256
            ? new VerifiedRun(plan, trial.Checkpoint.Step, sha256, trial.Checkpoint.StateSha256, Math.Round(seconds, 3))
            : throw Failed($"the SHA-256 of {path} is {sha256}, but the checkpoint says {trial.Checkpoint.WeightsSha256}");
    }

    private async Task<(double Seconds, Trial Trial)> LiveAsync(PlannedLife life, ResultsFolder folder, CancellationToken cancel)
    {
        var options = life.Devices.Select((devices, i) => new ServerOptions(
            executable, $"silo-{i}", folder.Data, folder.Path, new DeviceList(devices).Text, folder.Log($"silo-{i}"), folder.ReadyFile($"silo-{i}"))
        {
            StopAfterStep = life.StopAfter,
            // Rank 0, in the middle of the exchange: some ranks may finish the update, others not.
            Kill = i == 0 && life.KilledIn is { } update ? $"device=silo-0/cpu0,update={update},phase=after_first_chunk" : null,
        });
        await using var servers = await ServerGroup.StartAsync([.. options], terminal.Say, cancel);
        servers.HoldsNothing = true; // until the trial has ended: then they may take the time for a clean end
        using var connection = new ClusterConnection(servers.Addresses[0], Credentials.None);
        var begun = Stopwatch.GetTimestamp();
        await new SweepOfRun(connection, servers, Id, terminal).StartAsync(spec, cancel);
        var trial = await EndAsync(servers, cancel);
        servers.HoldsNothing = false;
        if (life.KilledIn is { } killed && servers.Deaths == 0)
        {
            throw Failed($"the trial ended, but no process was killed in update {killed}");
        }

        return trial.Checkpoint?.Step == life.StopAfter
            ? (Stopwatch.GetElapsedTime(begun).TotalSeconds, trial)
            : throw Failed($"the trial ended without a checkpoint of step {life.StopAfter} (of {trial.Steps}): {trial.Reason}");
    }

    /// <summary>Follows the trial to the end, through the deaths of servers; a stop after the last step of the proof is the end that it should have.</summary>
    private async Task<Trial> EndAsync(ServerGroup servers, CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel, servers.GaveUp);
        silence.CancelAfter(_silence);
        try
        {
            var (last, step) = (new Sweep(), 0);
            await foreach (var sweep in new SweepFollower(Id, () => servers.Addresses, Credentials.None, RunCommand.Patience, TimeProvider.System).FollowAsync(silence.Token))
            {
                silence.CancelAfter(_silence);
                last = sweep;
                if (sweep.Status.Trials.FirstOrDefault() is { } trial && trial.Step > step)
                {
                    step = trial.Step;
                    terminal.Say($"  step {step}");
                }
            }

            return last.Status.State is State.Stopped or State.Succeeded && last.Status.Trials is [var only]
                ? only
                : throw Failed($"{Words.Of(last.Status.State)}: {last.Status.Trials.FirstOrDefault()?.Reason ?? last.Status.Reason}");
        }
        catch (Exception end) when (!cancel.IsCancellationRequested && silence.IsCancellationRequested && end is OperationCanceledException or RpcException)
        {
            throw Failed(servers.Failure?.Message ?? $"no progress for {_silence.TotalMinutes} minutes");
        }
    }

    private CommandException Failed(string reason) =>
        new(ExitCode.Failed, $"{plan} failed: {reason}; --keep keeps the logs");
}
