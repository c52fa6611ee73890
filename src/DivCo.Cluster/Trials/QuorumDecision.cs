using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>What the trial does next.</summary>
/// <param name="State">To be written before anything else is done, unless it is the very object that was asked about.</param>
/// <param name="Commands">To be sent after that; harmless to repeat, and repeated by every decision until they are answered.</param>
/// <param name="Release">Devices to give back to the pool after that.</param>
/// <param name="Reason">For people: what the trial does or waits for.</param>
internal sealed record QuorumDecision(
    QuorumState State, IReadOnlyList<QuorumCommand> Commands, IReadOnlyList<Device> Release, string Reason)
{
    /// <summary>What keeps the quorum from training on although all members are there; null: nothing.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Everybody has left, and what they held is in a checkpoint or was never more than one: the trial waits for other devices.</summary>
    public bool IsVacated { get; init; }

    /// <summary>Why an epoch begins with this decision; null: none does.</summary>
    public QuorumCause? Cause { get; init; }
}
