using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DivCo.Collectives;

/// <summary>
/// One bit that goes wrong on one device in one update, as memory or a core at fault would have it: in what a shard gives to the sum, or in a
/// sum that the device finishes for all. No spec can ask for it: it comes from a test, or from the environment of a process.
/// </summary>
public sealed class BitFlip
{
    /// <summary>The environment variable, for example <c>device=silo/cpu1,update=7,shard=3</c>.</summary>
    public const string Variable = "DIVCO_FAULT_FLIP";

    private const string Form = "device=<id>,update=<n>,shard=<s> or device=<id>,update=<n>,bucket=<b>,element=<e>, with times=<k> or without";

    private readonly string _text;
    private int _left;

    private BitFlip(string text, int times) => (_text, _left) = (text, times);

    public required string Device { get; init; }

    public required long Update { get; init; }

    /// <summary>The shard whose buffer is touched; null where a sum is.</summary>
    public int? Shard { get; init; }

    /// <summary>The all-reduce whose sum is touched, and the element, if the device finishes the chunk that holds it.</summary>
    public (int Bucket, int Element)? Sum { get; init; }

    /// <exception cref="FormatException">The text is not of the form that <see cref="Variable"/> has.</exception>
    public static BitFlip Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = FaultFields.Split(text) ?? throw Malformed(text);
        string[] shard = ["device", "shard", "update"], sum = ["bucket", "device", "element", "update"];
        var names = fields.Keys.Where(name => name != "times").Order(StringComparer.Ordinal).ToArray();
        if (!names.SequenceEqual(shard) && !names.SequenceEqual(sum))
        {
            throw Malformed(text);
        }

        return new BitFlip(text, Number("times") ?? 1)
        {
            Device = fields["device"],
            Update = Number("update")!.Value,
            Shard = Number("shard"),
            Sum = Number("bucket") is { } bucket ? (bucket, Number("element")!.Value) : null,
        };

        int? Number(string name) => !fields.TryGetValue(name, out var value) ? null
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Malformed(text);
    }

    /// <returns>Null where <see cref="Variable"/> is not set.</returns>
    /// <exception cref="FormatException">It is set to something else.</exception>
    public static BitFlip? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text) : null;

    /// <summary>Touches what the rank computed of a shard, if that is the one, and not more often than it should.</summary>
    public void FlipShard(Communicator communicator, long update, int shard, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        if (Shard == shard && Hits(communicator, update))
        {
            Flip(values);
        }
    }

    public override string ToString() => _text;

    internal void FlipSum<T>(Communicator communicator, Operation operation, Range chunk, Span<T> sum) where T : unmanaged, INumber<T>
    {
        if (Sum is { } at && at.Bucket == operation.Bucket && at.Element >= chunk.Start.Value && at.Element < chunk.End.Value
            && Hits(communicator, operation.Update))
        {
            Flip(sum[(at.Element - chunk.Start.Value)..]);
        }
    }

    /// <summary>A bit of the first number's mantissa: nothing becomes infinite, so nothing but a comparison can tell.</summary>
    private static void Flip<T>(Span<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values)[1] ^= 0x10;

    private bool Hits(Communicator communicator, long update) =>
        update == Update && communicator.Quorum.Members[communicator.Rank] == Device && Interlocked.Decrement(ref _left) >= 0;

    private static FormatException Malformed(string text) => new($"{Variable}: '{text}' is not understood; allowed: {Form}.");
}
