using DivCo.Training.Latents;

namespace DivCo.Training.Sharding;

/// <summary>
/// Which shards are audited, and the place in the sums that is: drawn from the trial's own streams, so all ranks know without a word, and
/// the draw is the same for any number of them.
/// </summary>
internal sealed class AuditDraw(ulong seed, double rate)
{
    private const uint ShardIndex = 0, SumIndex = 1;
    private const uint DrawElement = 0, TurnElement = 1;

    private readonly PhiloxStream _stream = new(seed, StreamPurpose.Audit);

    /// <summary>Null where nothing is audited.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1].</exception>
    public static AuditDraw? Of(ulong seed, double rate) => rate switch
    {
        0 => null,
        > 0 and <= 1 => new AuditDraw(seed, rate),
        _ => throw new ArgumentOutOfRangeException(nameof(rate), rate, "audit: allowed: 0 to 1."),
    };

    public bool Draws(long update, int shard) => PhiloxStream.ToUniform(_stream.Bits(Time(update), (uint)shard, ShardIndex, DrawElement)) < rate;

    /// <summary>Where the rotation of auditors begins for a shard.</summary>
    public ulong Turn(long update, int shard) => _stream.Bits(Time(update), (uint)shard, ShardIndex, TurnElement);

    /// <summary>An element of the buffer that shards add up.</summary>
    public int Element(long update, int length) =>
        (int)(PhiloxStream.ToUniform(_stream.Bits(Time(update), 0, SumIndex, DrawElement)) * length);

    /// <summary>Where the rotation of auditors begins for a sum.</summary>
    public ulong Turn(long update) => _stream.Bits(Time(update), 0, SumIndex, TurnElement);

    private static uint Time(long update) => checked((uint)update);
}
