using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Trials;

/// <summary>The workers of a trial's epoch, spoken to all at once, each with a deadline.</summary>
internal sealed class WorkerRoster(IGrainFactory grains, TimeProvider time, TimeSpan deadline)
{
    /// <summary>Tells every member its rank. One that cannot be told shows as lost at the next look.</summary>
    public Task Start(TrialState state)
    {
        var devices = state.Lease!.Devices;
        List<string> members = [.. devices.Select(device => device.Id)];
        List<Uri> exchanges = [.. devices.Select(device => device.Exchange)];
        var order = state.Order!;
        return Ask(state, (worker, rank) => worker.Start(new WorkerAssignment(
            state.Lease.TrialId,
            order.TrialHash,
            order.Trial,
            state.Epoch,
            state.Lease.Token,
            members,
            exchanges,
            rank,
            state.ResumedFrom?.Path,
            order.ActivationMemory)));
    }

    /// <summary>Rank 0 hears the wish; its answer rides in the next reduction, so that all ranks stop after the same step.</summary>
    public Task RequestStop(TrialState state) =>
        Ask(state, (worker, rank) => rank == 0 ? worker.RequestStop(state.Lease!.TrialId, state.Epoch) : worker.Status());

    public Task<Dictionary<string, WorkerStatus?>> Statuses(TrialState state) => Ask(state, (worker, _) => worker.Status());

    /// <summary>Has every member leave the epoch. True when all that can be reached have left.</summary>
    public async Task<bool> Leave(string trialId, TrialState state)
    {
        var statuses = await Ask(state, (worker, _) => worker.Abort(trialId, state.Epoch));
        return statuses.Values.All(status => status is null || !status.IsOf(trialId, state.Epoch) || status.Phase != WorkerPhase.Running);
    }

    /// <summary>Null for a worker whose silo is gone or silent.</summary>
    private async Task<Dictionary<string, WorkerStatus?>> Ask(TrialState state, Func<IWorkerGrain, int, Task<WorkerStatus>> question)
    {
        var answers = state.Lease!.Devices.Select(async (device, rank) =>
        {
            try
            {
                return (device.Id, Status: (WorkerStatus?)await question(grains.GetGrain<IWorkerGrain>(device.Id), rank).WaitAsync(deadline, time));
            }
            catch (Exception)
            {
                return (device.Id, Status: null);
            }
        });
        return (await Task.WhenAll(answers)).ToDictionary(answer => answer.Id, answer => answer.Status);
    }
}
