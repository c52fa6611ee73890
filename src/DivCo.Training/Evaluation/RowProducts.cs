using DivCo.Training.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Evaluation;

/// <summary>
/// Inner products and distances of all rows of one set with all rows of another, in float64 by libtorch's matrix product, which gives the same
/// bits on every machine of a hardware class. They come block by block, so that no matrix of all pairs is held.
/// </summary>
internal static class RowProducts
{
    private const int BlockRows = 256;

    private static readonly Scalar _one = 1.ToScalar();
    private static readonly Scalar _minusTwo = (-2).ToScalar();

    /// <summary>Takes what row <paramref name="row"/> of the first set has with each row of the second.</summary>
    public delegate void TakeRow(int row, ReadOnlySpan<double> values);

    /// <summary>Hands over x·y for every row x of <paramref name="rows"/>, in order.</summary>
    /// <exception cref="ArgumentException">Rows of the two sets have different lengths.</exception>
    public static void Inner(FeatureRows rows, FeatureRows columns, TakeRow take)
    {
        rows.CheckComparable(columns);
        using var scope = NewDisposeScope();
        var right = Matrix(columns, 0, columns.Count).t();
        ForBlocks(rows, block => block.mm(right), take);
    }

    /// <summary>Hands over |x - y|^2, at least 0, for every row x of <paramref name="rows"/>, in order.</summary>
    /// <exception cref="ArgumentException">Rows of the two sets have different lengths.</exception>
    public static void SquaredDistances(FeatureRows rows, FeatureRows columns, TakeRow take)
    {
        rows.CheckComparable(columns);
        using var scope = NewDisposeScope();
        var right = Matrix(columns, 0, columns.Count);
        var (transposed, squares) = (right.t(), right.mul(right).sum(dim: 1).unsqueeze(0));
        ForBlocks(rows, Distances, take);

        // |x|^2 + |y|^2 - 2 x·y: of float32 values in float64, so what cancels is no more than a few of its ulps.
        Tensor Distances(Tensor block) =>
            block.mul(block).sum(dim: 1, keepdim: true).add(squares, _one).add(block.mm(transposed), _minusTwo).relu();
    }

    /// <summary>A new float64 tensor of some rows, [count, length].</summary>
    public static Tensor Matrix(FeatureRows rows, int start, int count) =>
        TensorMemory.Float32(rows.Values.Span.Slice(start * rows.Length, count * rows.Length), count, rows.Length).to(float64);

    private static void ForBlocks(FeatureRows rows, Func<Tensor, Tensor> compute, TakeRow take)
    {
        for (var start = 0; start < rows.Count; start += BlockRows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(BlockRows, rows.Count - start);
            var block = compute(Matrix(rows, start, count)).contiguous();
            ReadOnlySpan<double> values = TensorMemory.Doubles(block);
            for (var i = 0; i < count; i++)
            {
                take(start + i, values.Slice(i * (values.Length / count), values.Length / count));
            }
        }
    }
}
