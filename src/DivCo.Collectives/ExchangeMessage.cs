using DivCo.Collectives.Links;

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
internal sealed class ExchangeMessage(Payload? payload = null)
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
    public Payload? Payload { get; private set; } = payload;

    /// <summary>The elements lie in this block of the sender's shared memory, counted from 1; 0: they are in the message.</summary>
    public int Block { get; init; }

    /// <summary>Bytes in <see cref="Block"/>.</summary>
    public int BlockBytes { get; init; }

    /// <summary>Hello only: where the sender's shared memory is found; process 0: it has none.</summary>
    public (int Process, int File, ulong Nonce) Memory { get; init; }

    /// <summary>Hello only.</summary>
    public string TrialId { get; init; } = "";

    /// <summary>Hello only.</summary>
    public int FromRank { get; init; }

    /// <summary>Hello only.</summary>
    public int ToRank { get; init; }

    /// <summary>Leave only: why the sender cannot go on; empty where it is done.</summary>
    public string Reason { get; init; } = "";

    /// <summary>A heartbeat in its place.</summary>
    public ExchangeMessage WithoutWord() => new() { Kind = MessageKind.Heartbeat, Epoch = Epoch, QuorumHash = QuorumHash };

    /// <summary>The same, with its place in shared memory instead of its elements.</summary>
    public ExchangeMessage ByReference() => new()
    {
        Kind = Kind,
        Epoch = Epoch,
        QuorumHash = QuorumHash,
        Operation = Operation,
        Chunk = Chunk,
        Node = Node,
        Element = Element,
        Block = Payload!.Block + 1,
        BlockBytes = Payload.Length,
    };

    /// <summary>Takes the elements from where they lie.</summary>
    /// <exception cref="InvalidDataException">There is no such place.</exception>
    public void Resolve(MappedMemory? memory)
    {
        if (Block == 0)
        {
            return;
        }

        Payload = memory is not null && Payload is null && Block is > 0 and <= MappedMemory.Blocks && BlockBytes is > 0 and <= Payload.MaxBytes
            ? Payload.In(memory, Block - 1, BlockBytes, isOwn: false)
            : throw new InvalidDataException($"it sent {BlockBytes} bytes in block {Block} of a shared memory that {(memory is null ? "is not read here" : "has no such block")}");
    }

    public bool IsOf(Quorum quorum) => Epoch == quorum.Epoch && QuorumHash == quorum.Hash;

    public static ExchangeMessage Hello(Quorum quorum, int from, int to, (int Process, int File, ulong Nonce)? memory = null) => new()
    {
        Kind = MessageKind.Hello,
        Epoch = quorum.Epoch,
        QuorumHash = quorum.Hash,
        TrialId = quorum.TrialId,
        FromRank = from,
        ToRank = to,
        Memory = memory ?? default,
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
