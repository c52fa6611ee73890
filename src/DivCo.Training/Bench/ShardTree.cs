using static TorchSharp.torch;

namespace DivCo.Training.Bench;

/// <summary>The sum over shards in the order that the product promises, by halves: what is absent is passed over.</summary>
internal static class ShardTree
{
    private static readonly TorchSharp.Scalar _one = TorchSharp.ScalarExtensionMethods.ToScalar(1);

    public static Tensor? Sum(int shards, Func<int, Tensor?> leaf)
    {
        var size = 1;
        while (size < shards)
        {
            size *= 2;
        }

        return Sum(0, size);

        Tensor? Sum(int start, int count)
        {
            if (start >= shards || count == 1)
            {
                return start >= shards ? null : leaf(start);
            }

            var left = Sum(start, count / 2);
            var right = Sum(start + (count / 2), count / 2);
            return left is null || right is null ? left ?? right : left.detach().add(right.detach(), _one);
        }
    }
}
