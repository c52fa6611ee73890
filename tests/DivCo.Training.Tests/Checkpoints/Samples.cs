using System.Runtime.InteropServices;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

/// <summary>Snapshots for tests: small, of several ranks, with values whose bits are easily lost.</summary>
internal static class Samples
{
    public const string TrialHash = "hash-of-the-trial";

    public const string Trial = """{"task": "class_conditional", "dataset": {"name": "modes"}}""";

    public static TrainingSnapshot Snapshot(int step, int seed = 1, int size = 24)
    {
        var random = new Random(seed);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
        float nan = BitConverter.Int32BitsToSingle(unchecked((int)0xFFC12345));
        return new TrainingSnapshot(
            step,
            [
                new("generator.1.weight", [2, 3, size / 6], Values(size)),
                new("discriminator.bias", [4], new[] { -0.0f, nan, float.Epsilon, float.NegativeInfinity }),
                new("scale", [], Values(1)),
                new("none", [0, 7], Array.Empty<float>()),
            ],
            [new("generator.1.weight.first", [size], Values(size)), new("generator.1.weight.second", [size], Values(size))]);
    }

    public static CheckpointFacts Facts(uint epoch = 8, string trialHash = TrialHash) =>
        new("sweep/3", trialHash, epoch, "cpu avx2 2.10", new Dictionary<string, double> { ["loss_g"] = 0.1 + 0.2, ["loss_d"] = double.NaN }, Trial, "hash-of-the-data");

    public static void AssertSame(TrainingSnapshot expected, TrainingSnapshot actual)
    {
        Assert.Equal(expected.Step, actual.Step);
        AssertSame(expected.Weights, actual.Weights);
        AssertSame(expected.Moments, actual.Moments);
    }

    public static void AssertSame(IEnumerable<TensorRecord> expected, IReadOnlyList<TensorRecord> actual)
    {
        TensorRecord[] ordered = [.. expected.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        Assert.Equal(ordered.Select(tensor => tensor.Name), actual.Select(tensor => tensor.Name));
        foreach ((TensorRecord one, TensorRecord other) in ordered.Zip(actual))
        {
            Assert.Equal(one.Shape, other.Shape);
            Assert.Equal(MemoryMarshal.AsBytes(one.Values.Span), MemoryMarshal.AsBytes(other.Values.Span));
        }
    }
}
