using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Workers;

/// <summary>The address of a device's session in the cluster.</summary>
[KeepAlive, DevicePlacement]
internal sealed class WorkerGrain(LocalDevices devices) : Grain, IWorkerGrain
{
    private TrainingSession Session => devices.Session(this.GetPrimaryKeyString());

    public Task<QuorumReport?> Report(WorkerTicket ticket) => Task.FromResult(Session.Report(ticket, null));

    public Task<QuorumReport?> Take(WorkerTicket ticket, QuorumCommand command) => Task.FromResult(Session.Report(ticket, command));

    public Task Dismiss(string trialId)
    {
        Session.Dismiss(trialId);
        return Task.CompletedTask;
    }
}
