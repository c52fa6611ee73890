using System.Buffers.Binary;
using System.Text;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    private const string TwoTensors =
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}""";

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        // length (a multiple of 8) | header, padded with spaces | 1.0 2.0 3.0 in little-endian
        byte[] expected = File(TwoTensors.PadRight((TwoTensors.Length + 7) / 8 * 8), 1f, 2f, 3f);
        Assert.Equal(expected, Written([new("b", [1, 1], new[] { 3f }), new("a", [2], new[] { 1f, 2f })]));
    }

    [Fact]
    public void The_order_of_the_tensors_does_not_matter_and_ordinal_order_is_written()
    {
        TensorRecord[] tensors = [new("b", [1], new[] { 1f }), new("B", [1], new[] { 2f }), new("a.10", [1], new[] { 3f }), new("a.9", [1], new[] { 4f })];
        byte[] bytes = Written(tensors);
        Assert.Equal(bytes, Written([.. tensors.Reverse()]));
        Assert.Equal(["B", "a.10", "a.9", "b"], Read(bytes).Select(tensor => tensor.Name));
    }

    [Fact]
    public void Every_bit_of_every_value_comes_back()
    {
        TrainingSnapshot snapshot = Samples.Snapshot(1);
        Samples.AssertSame(snapshot.Weights, Read(Written(snapshot.Weights)));
        Assert.Empty(Read(Written([])));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("null", "null")]
    [InlineData("[]", "JSON")]
    [InlineData("{", "JSON")]
    [InlineData("""{"a":null}""", "a is null")]
    [InlineData("""{"a":{}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12],"more":1}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":null,"data_offsets":[0,12]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,12]}}""", "dtype F16")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-3],"data_offsets":[0,12]}}""", "impossible shape [-3]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}""", "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3.0],"data_offsets":[0,12]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,12]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "data_offsets [0,8]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}""", "data_offsets [4,16]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12,12]}}""", "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "8 bytes of data, but 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]}}""", "but 12 follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "data_offsets [4,8]")]
    [InlineData("""{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", "ordinal order")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", "JSON")]
    [InlineData("""{"__metadata__":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "reserved")]
    [InlineData("""{"":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "0 characters")]
    [InlineData("""{"\u0061":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "canonical")]
    [InlineData("""{"é":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "printable ASCII")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "")]
    [InlineData("""{"a":{"shape":[3],"dtype":"F32","data_offsets":[0,12]}}""", "canonical")]
    [InlineData("""{"a": {"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "canonical")]
    [InlineData("""{"a":{"dtype":"F32","shape":[03],"data_offsets":[0,12]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3e0],"data_offsets":[0,12]}}""", "JSON")]
    public void A_header_that_is_not_the_canonical_one_is_refused(string header, string reason)
    {
        string padded = header.PadRight((header.Length + 7) / 8 * 8);
        var refused = Assert.Throws<InvalidDataException>(() => Read(File(padded, 1f, 2f, 3f)));
        Assert.Contains(reason == "empty" ? "JSON" : reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_padding_trailing_bytes_and_a_lying_length_are_refused()
    {
        byte[] sound = File(TwoTensors.PadRight((TwoTensors.Length + 7) / 8 * 8), 1f, 2f, 3f);
        Assert.Equal(2, Read(sound).Count);
        Refused(File(TwoTensors, 1f, 2f, 3f), "canonical");
        Refused(File(TwoTensors.PadRight(((TwoTensors.Length + 7) / 8 * 8) + 8), 1f, 2f, 3f), "canonical");
        Refused([.. sound, 0], "13 follow");
        Refused(sound[..^1], "11 follow");
        Refused(sound[..7], "fewer than");
        Refused([], "0 bytes");
        foreach (ulong length in new ulong[] { ulong.MaxValue, long.MaxValue, 1ul << 31, (ulong)sound.Length })
        {
            byte[] lying = [.. sound];
            BinaryPrimitives.WriteUInt64LittleEndian(lying, length);
            Refused(lying, $"said to have {length} bytes");
        }
    }

    [Fact]
    public void Tensors_that_cannot_be_written_are_refused()
    {
        RefusedToWrite("two tensors are named a", new("a", [1], new[] { 1f }), new("a", [1], new[] { 1f }));
        RefusedToWrite("has 2 values", new TensorRecord("a", [1], new[] { 1f, 2f }));
        RefusedToWrite("has 1 values", new TensorRecord("a", [-1], new[] { 1f }));
        RefusedToWrite("\"a\"b\"", new TensorRecord("a\"b", [1], new[] { 1f }));
        RefusedToWrite("513 characters", new TensorRecord(new string('a', 513), [1], new[] { 1f }));
        RefusedToWrite("reserved", new TensorRecord("__metadata__", [1], new[] { 1f }));
    }

    /// <summary>Whatever bytes are accepted are those that their tensors would be written as.</summary>
    [Fact]
    public void Ten_thousand_damaged_files_are_refused_or_canonical()
    {
        byte[] sound = Written(Samples.Snapshot(1).Weights);
        int refused = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            byte[] bytes = Damage.Apply(sound, seed);
            try
            {
                Assert.Equal(bytes, Written(Read(bytes)));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        // The rest only altered values, which the hash in the manifest is for.
        Assert.InRange(refused, 5_000, 9_900);
    }

    private static void Refused(byte[] bytes, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(bytes)).Message, StringComparison.Ordinal);

    private static void RefusedToWrite(string reason, params TensorRecord[] tensors) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => Written(tensors)).Message, StringComparison.Ordinal);

    private static byte[] File(string header, params float[] values)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. values.SelectMany(BitConverter.GetBytes)];
    }

    private static byte[] Written(IReadOnlyList<TensorRecord> tensors)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors);
        return stream.ToArray();
    }

    private static IReadOnlyList<TensorRecord> Read(byte[] bytes) => Safetensors.Read(new MemoryStream(bytes), bytes.Length);
}
