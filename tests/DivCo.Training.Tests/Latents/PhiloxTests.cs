using DivCo.Training.Latents;

namespace DivCo.Training.Tests.Latents;

public sealed class PhiloxTests
{
    // Known answers published with Random123 (kat_vectors, philox4x32 10).
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0ul, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0x299f31d0a4093822ul, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Gives_the_known_answers(uint c0, uint c1, uint c2, uint c3, ulong key, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), Philox.Block(c0, c1, c2, c3, key));

    [Fact]
    public void A_number_depends_on_its_address_alone()
    {
        var stream = new PhiloxStream(7, StreamPurpose.Query);
        var seven = new double[7];
        var three = new double[3];
        stream.Uniforms(1, 2, 3, seven);
        stream.Uniforms(1, 2, 3, three);
        Assert.Equal(seven[..3], three);
        Assert.Equal(seven[4], PhiloxStream.ToUniform(stream.Bits(1, 2, 3, 4)));
        Assert.Equal(seven[5], PhiloxStream.ToUniform(stream.Bits(1, 2, 3, 5)));
    }

    [Fact]
    public void Every_part_of_the_address_matters()
    {
        var stream = new PhiloxStream(7, StreamPurpose.Query);
        ulong[] drawn =
        [
            stream.Bits(1, 2, 3, 4), stream.Bits(0, 2, 3, 4), stream.Bits(1, 0, 3, 4), stream.Bits(1, 2, 0, 4), stream.Bits(1, 2, 3, 5),
            new PhiloxStream(8, StreamPurpose.Query).Bits(1, 2, 3, 4), new PhiloxStream(7, StreamPurpose.Positive).Bits(1, 2, 3, 4),
            new PhiloxStream(7 + (1ul << 32), StreamPurpose.Query).Bits(1, 2, 3, 4),
        ];
        Assert.Equal(drawn.Length, drawn.Distinct().Count());
    }

    [Fact]
    public void An_index_that_would_run_into_the_purpose_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhiloxStream(7, StreamPurpose.Query).Bits(0, 0, 1u << 24, 0));

    [Fact]
    public void Uniforms_are_strictly_inside_the_unit_interval()
    {
        Assert.Equal(Math.ScaleB(1, -53), PhiloxStream.ToUniform(0));
        Assert.Equal(1 - Math.ScaleB(1, -53), PhiloxStream.ToUniform(ulong.MaxValue));
    }
}
