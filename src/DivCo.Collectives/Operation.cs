namespace DivCo.Collectives;

/// <summary>
/// The name of one collective, the same on all ranks. Operations of a quorum are called in growing order
/// (by update, then by bucket), each at most once.
/// </summary>
/// <param name="Update">The update it belongs to, counted from the beginning of the trial.</param>
/// <param name="Bucket">Numbers the collectives of one update.</param>
public readonly record struct Operation(long Update, int Bucket) : IComparable<Operation>
{
    public int CompareTo(Operation other)
    {
        var byUpdate = Update.CompareTo(other.Update);
        return byUpdate != 0 ? byUpdate : Bucket.CompareTo(other.Bucket);
    }

    public static bool operator <(Operation left, Operation right) => left.CompareTo(right) < 0;

    public static bool operator >(Operation left, Operation right) => left.CompareTo(right) > 0;

    public static bool operator <=(Operation left, Operation right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Operation left, Operation right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"update {Update}, bucket {Bucket}";
}
