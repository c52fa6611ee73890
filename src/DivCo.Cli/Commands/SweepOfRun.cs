using DivCo.Cli.Connection;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Commands;

/// <summary>
/// Makes the sweep of a <c>divco run</c> the only one that trains. The records of a local cluster outlive the command, so a sweep that an
/// earlier run left unfinished would take the devices first; and the run's own sweep may be there already, in any state.
/// </summary>
internal sealed class SweepOfRun(ClusterConnection connection, ServerGroup servers, string id, Terminal terminal)
{
    /// <summary>Stops the others, submits the sweep, and queues it again where an earlier run of it was stopped or failed.</summary>
    public async Task StartAsync(SweepSpec spec, CancellationToken cancel)
    {
        foreach (var other in await connection.ListSweepsAsync(cancel))
        {
            if (other.Id != id && !other.HasEnded())
            {
                terminal.Say($"stopping {other.Id}, which an earlier run left {Words.Of(other.Status.State)}; its checkpoints stay: go on with it by --id {other.Id}");
                await connection.Sweeps.StopAsync(new StopRequest { Id = other.Id }, ClusterConnection.Once(cancel));
            }
        }

        var sweep = await connection.Sweeps.SubmitAsync(new SubmitRequest { Spec = spec, Id = id }, ClusterConnection.Once(cancel));
        if (sweep.Status.State == State.Stopping)
        {
            terminal.Say($"{id} is still stopping since an earlier run; waiting for its end");
            sweep = await EndAsync(cancel);
        }

        if (sweep.Status.State is State.Stopped or State.Failed)
        {
            terminal.Say($"{id} was {Words.Of(sweep.Status.State)}; going on from its last checkpoints");
            await connection.Sweeps.ResumeAsync(new ResumeRequest { Id = id }, ClusterConnection.Once(cancel));
        }
    }

    private async Task<Sweep> EndAsync(CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(RunCommand.StopTimeout);
        try
        {
            return await new SweepFollower(id, () => servers.Addresses, Credentials.None, RunCommand.Patience, TimeProvider.System).FollowAsync(deadline.Token).LastAsync(deadline.Token);
        }
        catch (Exception late) when (!cancel.IsCancellationRequested && deadline.IsCancellationRequested && late is OperationCanceledException or Grpc.Core.RpcException)
        {
            throw new CommandException(ExitCode.Failed, $"{id} did not stop within {RunCommand.StopTimeout.TotalMinutes} minutes; run it again to wait on");
        }
    }
}
