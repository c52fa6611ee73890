using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Workers;

namespace DivCo.Cluster.Trials;

/// <summary>
/// The workers on a trial's devices, spoken to all at once, each with a deadline. Who does not answer is simply not seen, and not asked anything
/// else before it has: one that hangs must not hold up what the trial has to say to the others.
/// </summary>
internal sealed class WorkerRoster(IGrainFactory grains, LivingSilos silos, TimeProvider time)
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, QuorumSighting> _sightings = [];
    private readonly Dictionary<Device, Task> _asked = [];

    /// <summary>Asks every device of the lease how its worker is; the newest answer of each, by device id.</summary>
    public async Task<Dictionary<string, QuorumSighting>> Look(string trialId, TrialState state)
    {
        var ticket = Ticket(trialId, state);
        await Task.WhenAll(state.Lease!.Devices.Where(device => silos.Has(device.Silo)).Select(device => Ask(device, worker => worker.Report(ticket))));
        return _sightings;
    }

    /// <summary>Sends commands; true if an answer said something new.</summary>
    public async Task<bool> Tell(string trialId, TrialState state, IReadOnlyList<QuorumCommand> commands, IReadOnlyDictionary<string, QuorumSighting> before)
    {
        var reports = commands.Select(command => command.Member.Id).Distinct().ToDictionary(id => id, id => before.GetValueOrDefault(id)?.Report);
        var ticket = Ticket(trialId, state);
        await Task.WhenAll(commands
            .Where(command => silos.Has(command.Member.Silo))
            .GroupBy(command => command.Member)
            .Select(async member =>
            {
                foreach (var command in member)
                {
                    await Ask(member.Key, worker => worker.Take(ticket, command));
                }
            }));
        return reports.Any(entry => _sightings.GetValueOrDefault(entry.Key)?.Report != entry.Value);
    }

    /// <summary>The trial ended, or gives these devices back: their workers leave it and forget what they hold of it.</summary>
    public Task Dismiss(string trialId, IEnumerable<Device> devices) => Task.WhenAll(devices
        .Where(device => silos.Has(device.Silo))
        .Select(device => InTime(Hear(device, async worker =>
        {
            await worker.Dismiss(trialId);
            return null;
        }))));

    private static WorkerTicket Ticket(string trialId, TrialState state) =>
        new(trialId, state.Order!.TrialHash, state.Order.Trial, state.Order.Resources, state.Lease!.Token) { Trace = state.Trace };

    private Task Ask(Device device, Func<IWorkerGrain, Task<QuorumReport?>> question)
    {
        if (_asked.GetValueOrDefault(device) is { IsCompleted: false })
        {
            return Task.CompletedTask;
        }

        return InTime(_asked[device] = Hear(device, question));
    }

    private async Task InTime(Task answer) =>
        await answer.WaitAsync(_deadline, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    /// <summary>Takes the answer in whenever it comes. Never fails.</summary>
    private async Task Hear(Device device, Func<IWorkerGrain, Task<QuorumReport?>> question)
    {
        try
        {
            if (await question(grains.GetGrain<IWorkerGrain>(device.Id)) is { } report)
            {
                _sightings[device.Id] = new QuorumSighting(report, time.GetUtcNow());
            }
        }
        catch (Exception)
        {
            // Its silo is gone or silent: the decision sees how long ago it was heard.
        }
    }
}
