using System.Buffers.Binary;
using System.Text;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

public sealed class ForeignSafetensorsTests
{
    [Fact]
    public void Any_order_metadata_and_types_of_half_the_width_are_read()
    {
        // Data: b as bfloat16 (1.5, -2), then a as float16 (0.5), then c as float32 (3), then a counter.
        var header = """
            {"__metadata__":{"format":"pt"},"c":{"dtype":"F32","shape":[1],"data_offsets":[6,10]},
             "a":{"shape":[],"data_offsets":[4,6],"dtype":"F16"},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},
             "n":{"dtype":"I64","shape":[],"data_offsets":[10,18]}}
            """;
        var tensors = Read(header, [0xC0, 0x3F, 0x00, 0xC0, 0x00, 0x38, 0, 0, 0x40, 0x40, 7, 0, 0, 0, 0, 0, 0, 0], name => name != "n");
        Assert.Equal([1.5f, -2], tensors["b"].Values.ToArray());
        Assert.Equal([1L, 2], tensors["b"].Shape);
        Assert.Equal([0.5f], tensors["a"].Values.ToArray());
        Assert.Equal([3f], tensors["c"].Values.ToArray());
        Assert.True(tensors["n"].Values.IsEmpty);
    }

    [Fact]
    public void What_this_product_writes_is_read_too()
    {
        using var stream = new MemoryStream();
        var weights = Samples.Snapshot(1).Weights;
        Safetensors.Write(stream, weights);
        stream.Position = 0;
        Samples.AssertSame(weights, [.. ForeignSafetensors.Read(stream, stream.Length, _ => true).Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)]);
    }

    [Theory]
    [InlineData("", "begin with {")]
    [InlineData(" {}", "begin with {")]
    [InlineData("[]", "begin with {")]
    [InlineData("{", "JSON")]
    [InlineData("{}", "0 bytes of data, but 8")]
    [InlineData("""{"a":null}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "members")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", "members")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", "unknown dtype F33")]
    [InlineData("""{"a":{"dtype":null,"shape":[2],"data_offsets":[0,8]}}""", "unknown dtype null")]
    [InlineData("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", "dtype I64; allowed")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "deny")]
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}""", "deny")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-4,4]}}""", "deny")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[1,-9223372036854775799]}}""", "deny")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "deny")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "4 bytes of data, but 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "12 bytes of data, but 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"format":1}}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"format":null}}""", "__metadata__.format is null")]
    [InlineData("""{"a\n":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "printable ASCII")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""", "JSON")]
    public void A_header_that_the_format_forbids_is_refused(string header, string reason)
    {
        var refused = Assert.Throws<InvalidDataException>(() => Read(header, new byte[8], _ => true));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lying_length_and_a_short_file_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => ForeignSafetensors.Read(new MemoryStream(new byte[7]), 7, _ => true));
        byte[] lying = [0, 0, 0, 0, 0, 0, 0, 0x80, (byte)'{', (byte)'}'];
        Assert.Throws<InvalidDataException>(() => ForeignSafetensors.Read(new MemoryStream(lying), lying.Length, _ => true));
    }

    [Fact]
    public void No_altered_byte_of_a_header_crashes_the_reader()
    {
        var header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2],"data_offsets":[4,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
        for (var i = 0; i < header.Length; i++)
        {
            foreach (var bit in Enumerable.Range(0, 8))
            {
                var bytes = Encoding.UTF8.GetBytes(header);
                bytes[i] ^= (byte)(1 << bit);
                // Refused with a reason, or (a letter of a name, a type of the same width) another valid header.
                var thrown = Record.Exception(() => Read(bytes, new byte[8], _ => true));
                Assert.True(thrown is null or InvalidDataException, thrown?.ToString());
            }
        }
    }

    private static IReadOnlyDictionary<string, TensorRecord> Read(string header, byte[] data, Func<string, bool> wanted) => Read(Encoding.UTF8.GetBytes(header), data, wanted);

    private static IReadOnlyDictionary<string, TensorRecord> Read(byte[] header, byte[] data, Func<string, bool> wanted)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        byte[] file = [.. prefix, .. header, .. data];
        return ForeignSafetensors.Read(new MemoryStream(file), file.Length, wanted);
    }
}
