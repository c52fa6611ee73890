namespace DivCo.Collectives;

/// <summary>What a message says. The numbers are those of the wire.</summary>
internal enum MessageKind
{
    None = 0,

    /// <summary>The first message of a stream: who speaks to whom.</summary>
    Hello = 1,

    /// <summary>Nothing but: I am alive.</summary>
    Heartbeat = 2,

    /// <summary>The sender's sum of one node, for the owner of the chunk.</summary>
    Contribution = 3,

    /// <summary>The finished sum of one chunk, from its owner.</summary>
    Result = 4,

    /// <summary>Rows of one shard, for the ranks that share its slice.</summary>
    Rows = 5,

    /// <summary>The last message of a stream: I need nothing more, or why I cannot go on.</summary>
    Leave = 6,

    /// <summary>A piece of one rank's record, for all.</summary>
    Record = 7,
}

/// <summary>One message between two ranks of a quorum.</summary>
internal sealed class ExchangeMessage
{
    public required MessageKind Kind { get; init; }

    public required uint Epoch { get; init; }

    public required ulong QuorumHash { get; init; }

    public Operation Operation { get; init; }

    /// <summary>The chunk of the buffer, or the piece of a shard's rows.</summary>
    public int Chunk { get; init; }

    public TreeNode Node { get; init; }

    public ElementType Element { get; init; }

    /// <summary>The elements; null where no shard below <see cref="Node"/> contributes.</summary>
    public Payload? Payload { get; init; }

    /// <summary>Hello only.</summary>
    public string TrialId { get; init; } = "";

    /// <summary>Hello only.</summary>
    public int FromRank { get; init; }

    /// <summary>Hello only.</summary>
    public int ToRank { get; init; }

    /// <summary>Leave only: why the sender cannot go on; empty where it is done.</summary>
    public string Reason { get; init; } = "";

    public bool IsOf(Quorum quorum) => Epoch == quorum.Epoch && QuorumHash == quorum.Hash;

    public static ExchangeMessage Hello(Quorum quorum, int from, int to) => new()
    {
        Kind = MessageKind.Hello,
        Epoch = quorum.Epoch,
        QuorumHash = quorum.Hash,
        TrialId = quorum.TrialId,
        FromRank = from,
        ToRank = to,
    };

    public static ExchangeMessage Heartbeat(Quorum quorum) => new()
    {
        Kind = MessageKind.Heartbeat,
        Epoch = quorum.Epoch,
        QuorumHash = quorum.Hash,
    };

    public static ExchangeMessage Leave(Quorum quorum, string reason) => new()
    {
        Kind = MessageKind.Leave,
        Epoch = quorum.Epoch,
        QuorumHash = quorum.Hash,
        Reason = reason,
    };
}
