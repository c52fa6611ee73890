namespace DivCo.Training;

/// <summary>
/// Devices that were given the same work computed different bits. Every rank of the quorum throws it, in the same words and from the same
/// votes, and none has committed anything of the update: it can be done again without the outvoted device.
/// </summary>
public sealed class AuditException : Exception
{
    internal AuditException(long update, int? shard, string? member, IReadOnlyList<AuditVote> votes, string message)
        : base(message) => (Update, Shard, Member, Votes) = (update, shard, member, votes);

    /// <summary>The update's number in the trial; so many are committed.</summary>
    public long Update { get; }

    /// <summary>The shard that was computed differently; null where it is a sum of shards that one device finishes for all.</summary>
    public int? Shard { get; }

    /// <summary>The id of the outvoted device; null where the votes do not tell which one it is, and the message says why.</summary>
    public string? Member { get; }

    /// <summary>The evidence, in the order in which the devices computed.</summary>
    public IReadOnlyList<AuditVote> Votes { get; }
}
