using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol.V1;
using Grpc.Core;

namespace DivCo.EndToEnd.Tests;

/// <summary>A sweep as seen over the API, asked of whichever server of the story serves.</summary>
internal sealed class SweepStory(Scenario scenario, string id)
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(10);

    public string Id => id;

    /// <summary>The sweep as it is now; null if no server could say, as when one just died.</summary>
    public Task<Sweep?> Look() => Ask((calls, deadline) => new SweepService.SweepServiceClient(calls).GetAsync(
        new GetSweepRequest { Id = id }, deadline: deadline, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync);

    /// <summary>The checkpoints of a trial, oldest first.</summary>
    public async Task<IReadOnlyList<Checkpoint>> Checkpoints(int trial = 0) => (await Ask(
        (calls, deadline) => new CheckpointService.CheckpointServiceClient(calls).ListAsync(
            new ListCheckpointsRequest { TrialId = $"{id}/{trial}" }, deadline: deadline, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync)
        ?? throw new InvalidOperationException("No server could list the checkpoints.")).Checkpoints;

    /// <summary>Waits until the sweep is as wanted.</summary>
    public async Task<Sweep> Becomes(string what, Func<Sweep, bool> wanted, TimeSpan? within = null)
    {
        Sweep? last = null;
        return await Deadline.Until(
            $"sweep {id} to {what}", async () => (last = await Look() ?? last) is { } sweep && wanted(sweep) ? sweep : null, within ?? Deadline.Training,
            () => $"It was: {last}");
    }

    /// <summary>Waits until a trial has made this many steps.</summary>
    public Task<Sweep> Reaches(int step, int trial = 0) =>
        Becomes($"reach step {step} in trial {trial}", sweep => sweep.Status.Trials.Any(it => it.Id == $"{id}/{trial}" && it.Step >= step));

    /// <summary>Waits until a trial has a durable checkpoint of at least this step.</summary>
    public Task<Sweep> HasCheckpoint(int step, int trial = 0) =>
        Becomes($"have a checkpoint of step {step} in trial {trial}", sweep => sweep.Status.Trials.Any(it => it.Id == $"{id}/{trial}" && it.Checkpoint?.Step >= step));

    public Task<Sweep> Succeeds() => EndsAs(State.Succeeded);

    public Task<Sweep> EndsAs(State state) => Becomes($"end as {state}", sweep => sweep.Status.State == state
        || (sweep.Status.State is State.Succeeded or State.Failed or State.Stopped ? throw new InvalidOperationException($"It ended otherwise: {sweep}") : false));

    /// <summary>Asks for a stop, with a checkpoint, and waits for it.</summary>
    public async Task<Sweep> Stop()
    {
        (await scenario.Run("stop", id)).MustSucceed();
        return await EndsAs(State.Stopped);
    }

    /// <summary>Queues it again from its last checkpoint.</summary>
    public async Task Resume() => (await scenario.Run("resume", id)).MustSucceed();

    private async Task<T?> Ask<T>(Func<CallInvoker, DateTime, Task<T>> call) where T : class
    {
        foreach (var server in scenario.Servers.Where(server => server.IsServing))
        {
            try
            {
                return await call(server.Calls, TimeProvider.System.GetUtcNow().UtcDateTime + CallDeadline);
            }
            catch (RpcException failed) when (failed.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                // Ask the next one.
            }
        }

        return null;
    }
}
