using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Workers;

/// <summary>The address of a device's session in the cluster.</summary>
[KeepAlive, DevicePlacement]
internal sealed class WorkerGrain(LocalDevices devices) : Grain, IWorkerGrain
{
    private TrainingSession Session => devices.Session(this.GetPrimaryKeyString());

    public Task<WorkerStatus> Start(WorkerAssignment assignment) => Task.FromResult(Session.Start(assignment));

    public Task<WorkerStatus> RequestStop(string trialId, uint epoch) => Task.FromResult(Session.RequestStop(trialId, epoch));

    public Task<WorkerStatus> Abort(string trialId, uint epoch) => Task.FromResult(Session.Abort(trialId, epoch));

    public Task<WorkerStatus> Status() => Task.FromResult(Session.Status);
}
