using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class EvaluationCallTests
{
    private static readonly EvaluationPlan _plan = new([new(0, 0, 50), new(0, 50, 20), new(1, 0, 30), new(2, 0, 50), new(3, 0, 1)], [0, 3]);

    [Theory]
    [InlineData(100, new[] { 100, 51, 100 })]
    [InlineData(50, new[] { 50, 50, 50, 1, 50, 50 })]
    [InlineData(1, new[] { 50, 20, 30, 50, 1, 50, 50 })]
    [InlineData(1000, new[] { 251 })]
    public void A_part_has_no_more_images_than_allowed_but_at_least_one_call(int allowed, int[] images)
    {
        var calls = EvaluationCall.Of(_plan, withPairs: true);
        var parts = EvaluationCall.Parts(calls, allowed).ToArray();
        Assert.Equal(calls, parts.SelectMany(part => part));
        Assert.All(parts, part => Assert.True(part.Count == 1 || part.Sum(call => call.Chunk.Rows) <= allowed));
        Assert.Equal(images, parts.Select(part => part.Sum(call => call.Chunk.Rows)));
    }

    [Fact]
    public void Without_a_perceptual_net_there_are_no_pairs() =>
        Assert.DoesNotContain(EvaluationCall.Of(_plan, withPairs: false), call => call.IsPairs);

    [Fact]
    public void Results_come_back_from_their_bytes()
    {
        var call = EvaluationCall.Of(_plan, withPairs: true)[4];
        var shape = new EvaluationShape(Features: 2, Pixels: 1, HasModes: true);
        byte[] bytes = [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f), .. BitConverter.GetBytes(0.25f), .. BitConverter.GetBytes(-1)];
        Assert.Equal(bytes.Length, call.Bytes(shape));
        var figures = call.Figures(bytes, shape);
        Assert.Equal([1.5f, -2], figures.Features);
        Assert.Equal([0.25f], figures.Pixels);
        Assert.Equal([-1], figures.ModeHits);
    }
}
