using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>How many devices a trial may train on. Of fixed size where both are the same.</summary>
internal readonly record struct QuorumSize(int Min, int Max);

/// <summary>The newest report of a device and when it came.</summary>
internal sealed record QuorumSighting(QuorumReport Report, DateTimeOffset At);

/// <summary>What the trial sees when it decides.</summary>
/// <param name="Leased">Its devices, as their silos announce them now.</param>
/// <param name="Lost">Ids of those whose silo is known dead or stopped announcing.</param>
/// <param name="Sightings">By device id.</param>
/// <param name="Durable">What is left if nobody lives: the newest durable checkpoint, or the beginning.</param>
/// <param name="Stop">The trial is to stop with a checkpoint.</param>
internal sealed record QuorumView(
    IReadOnlyList<Device> Leased,
    IReadOnlySet<string> Lost,
    IReadOnlyDictionary<string, QuorumSighting> Sightings,
    QuorumSource Durable,
    bool Stop,
    DateTimeOffset Now)
{
    public List<Device> Present() =>
        [.. Leased.Where(device => !Lost.Contains(device.Id)).OrderBy(device => device.Id, StringComparer.Ordinal)];

    /// <summary>False where the device was lost, or its silo began anew: then nothing of what it held is left.</summary>
    public bool Has(Device member)
    {
        foreach (var device in Leased)
        {
            if (device.Id == member.Id)
            {
                return device.Incarnation == member.Incarnation && !Lost.Contains(member.Id);
            }
        }

        return false;
    }

    /// <summary>Null where this process of the device was not heard of.</summary>
    public QuorumSighting? Of(Device member) =>
        Sightings.TryGetValue(member.Id, out var sighting) && sighting.Report.Incarnation == member.Incarnation ? sighting : null;

    /// <summary>The newest verdict of an audit that was not acted on yet; null: none was heard.</summary>
    public QuorumVerdict? Verdict(uint judged) => Leased
        .Select(device => Of(device)?.Report.Verdict)
        .Where(verdict => verdict?.Epoch > judged)
        .MaxBy(verdict => verdict!.Epoch);

    /// <summary>What the device says about this epoch; null where it has not promised to it, as far as is known.</summary>
    public QuorumReport? Of(Device member, uint epoch) => Of(member)?.Report is { } report && report.Promised == epoch ? report : null;
}

/// <summary>The trial's patience; none of it bears on what is right, only on when it goes on without somebody.</summary>
/// <param name="Halt">For the answers of those who can be reached.</param>
/// <param name="Sync">For laggards and joiners to receive the state.</param>
/// <param name="Silence">For a member that does not answer at all.</param>
/// <param name="Settle">How long an epoch runs at least before it ends only to let somebody join.</param>
internal sealed record QuorumTimeouts(TimeSpan Halt, TimeSpan Sync, TimeSpan Silence, TimeSpan Settle)
{
    public static readonly QuorumTimeouts Default =
        new(TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
}
