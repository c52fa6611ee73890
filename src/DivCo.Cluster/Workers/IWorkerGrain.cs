namespace DivCo.Cluster.Workers;

/// <summary>The grain that owns one device; its key is the device id. Every call is short: the work runs on the device's own thread.</summary>
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Begins an assignment and returns. The same assignment again is harmless.</summary>
    Task<WorkerStatus> Start(WorkerAssignment assignment);

    /// <summary>Asks the running trial to stop after the present step, with a checkpoint.</summary>
    Task<WorkerStatus> RequestStop(string trialId, uint epoch);

    /// <summary>Ends the epoch without a checkpoint. The status says when the device's thread has left it.</summary>
    Task<WorkerStatus> Abort(string trialId, uint epoch);

    Task<WorkerStatus> Status();
}
