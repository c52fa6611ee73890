namespace DivCo.Collectives.Tests;

/// <summary>The definition, written down once more: halve the range, skip what is absent, add left + right one element at a time.</summary>
internal static class NaiveTree
{
    public static float[]? Sum(float[]?[] leaves)
    {
        var size = 1;
        while (size < leaves.Length)
        {
            size *= 2;
        }

        return Sum(leaves, 0, size);
    }

    private static float[]? Sum(float[]?[] leaves, int start, int size)
    {
        if (start >= leaves.Length)
        {
            return null;
        }

        if (size == 1)
        {
            return leaves[start];
        }

        var left = Sum(leaves, start, size / 2);
        var right = Sum(leaves, start + (size / 2), size / 2);
        if (left is null || right is null)
        {
            return left ?? right;
        }

        var sum = new float[left.Length];
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] = left[i] + right[i];
        }

        return sum;
    }
}
