namespace DivCo.Collectives;

/// <summary>How long a rank waits, and for what.</summary>
public sealed record ExchangeTimeouts
{
    public static ExchangeTimeouts Default { get; } = new();

    /// <summary>A peer that was there and has been silent for so long is lost. Heartbeats go out five times as often.</summary>
    public TimeSpan Peer { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after the join the first word of a peer may take: members start seconds apart.</summary>
    public TimeSpan Join { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer that is alive may keep one collective waiting. Covers its computing between two collectives.</summary>
    public TimeSpan Operation { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long disposing waits for peers to take what was sent to them.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an idle link says that its rank is alive.</summary>
    internal TimeSpan Heartbeat => Peer / 5;

    internal void Validate()
    {
        Check(nameof(Peer), Peer);
        Check(nameof(Join), Join);
        Check(nameof(Operation), Operation);
        Check(nameof(Flush), Flush);
    }

    private static void Check(string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name}: allowed: more than zero, at most one day.");
        }
    }
}
