using System.Runtime.InteropServices;

namespace DivCo.Training.Evaluation;

/// <summary>One call of an evaluation: images to be compared with real ones, or, as pairs, with each other.</summary>
internal readonly record struct EvaluationCall(SampleChunk Chunk, bool IsPairs)
{
    /// <summary>All calls of a plan, in the order in which they are made.</summary>
    public static IReadOnlyList<EvaluationCall> Of(EvaluationPlan plan, bool withPairs) =>
    [
        .. plan.Chunks.Select(chunk => new EvaluationCall(chunk, IsPairs: false)),
        .. withPairs ? plan.PairConditions.Select(condition => new EvaluationCall(new SampleChunk(condition, 0, EvaluationPlan.PairImages), IsPairs: true)) : [],
    ];

    /// <summary>
    /// Cuts calls into parts, one for each step, of at most so many images, but at least one call.
    /// </summary>
    public static IEnumerable<IReadOnlyList<EvaluationCall>> Parts(IReadOnlyList<EvaluationCall> calls, int imagesPerStep)
    {
        List<EvaluationCall> part = [];
        foreach (var call in calls)
        {
            if (part.Count > 0 && part.Sum(one => one.Chunk.Rows) + call.Chunk.Rows > imagesPerStep)
            {
                yield return part;
                part = [];
            }

            part.Add(call);
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    /// <summary>Bytes of what the call gives.</summary>
    public int Bytes(EvaluationShape shape) => IsPairs
        ? EvaluationPlan.PairImages * sizeof(double)
        : Chunk.Rows * (((shape.Features + shape.Pixels) * sizeof(float)) + (shape.HasModes ? sizeof(int) : 0));

    /// <summary>Makes the call; its result as bytes that can be sent.</summary>
    public byte[] Compute(GeneratedImages images)
    {
        if (IsPairs)
        {
            return MemoryMarshal.AsBytes(images.ComputePairs(Chunk.Condition).AsSpan()).ToArray();
        }

        var figures = images.Compute(Chunk);
        return
        [
            .. MemoryMarshal.AsBytes(figures.Features.AsSpan()),
            .. MemoryMarshal.AsBytes(figures.Pixels.AsSpan()),
            .. MemoryMarshal.AsBytes(figures.ModeHits.AsSpan()),
        ];
    }

    /// <summary>Distances of pairs from their bytes.</summary>
    public static double[] Pairs(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, double>(bytes).ToArray();

    /// <summary>Figures of compared images from their bytes.</summary>
    public GeneratedFigures Figures(ReadOnlySpan<byte> bytes, EvaluationShape shape)
    {
        var features = Chunk.Rows * shape.Features * sizeof(float);
        var pixels = Chunk.Rows * shape.Pixels * sizeof(float);
        return new GeneratedFigures(
            MemoryMarshal.Cast<byte, float>(bytes[..features]).ToArray(),
            MemoryMarshal.Cast<byte, float>(bytes.Slice(features, pixels)).ToArray(),
            MemoryMarshal.Cast<byte, int>(bytes[(features + pixels)..]).ToArray());
    }
}

/// <summary>What is kept of a generated image.</summary>
/// <param name="Features">Elements of its features.</param>
/// <param name="Pixels">Pixels for bins.</param>
/// <param name="HasModes">Whether the mode that it hits is.</param>
internal readonly record struct EvaluationShape(int Features, int Pixels, bool HasModes);
