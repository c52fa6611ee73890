namespace DivCo.Training.Evaluation;

/// <summary>Vectors of one length, a row for each sample: features of images, or their pixels.</summary>
internal sealed class FeatureRows
{
    /// <param name="values">[rows, length]; kept, so nobody changes it.</param>
    /// <param name="length">Elements of a row.</param>
    /// <exception cref="ArgumentException">There is no row, or no whole number of them.</exception>
    public FeatureRows(ReadOnlyMemory<float> values, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (values.Length == 0 || values.Length % length != 0)
        {
            throw new ArgumentException($"{values.Length} values are no rows of {length}", nameof(values));
        }

        (Values, Length, Count) = (values, length, values.Length / length);
    }

    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Elements of a row.</summary>
    public int Length { get; }

    /// <summary>Rows.</summary>
    public int Count { get; }

    public ReadOnlySpan<float> Row(int index) => Values.Span.Slice(index * Length, Length);

    /// <summary>The rows at <paramref name="indices"/>, in that order.</summary>
    public FeatureRows Select(ReadOnlySpan<int> indices)
    {
        var values = new float[indices.Length * Length];
        for (var i = 0; i < indices.Length; i++)
        {
            Row(indices[i]).CopyTo(values.AsSpan(i * Length));
        }

        return new FeatureRows(values, Length);
    }

    /// <exception cref="ArgumentException">Rows of the other have another length.</exception>
    public void CheckComparable(FeatureRows other)
    {
        if (other.Length != Length)
        {
            throw new ArgumentException($"rows of {Length} and of {other.Length} elements cannot be compared", nameof(other));
        }
    }
}
