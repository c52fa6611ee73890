namespace DivCo.Training.Tasks;

/// <summary>
/// Where named tensors lie in one flat buffer: in ordinal order of their names, each at a multiple of 64 bytes; what lies between is zero.
/// </summary>
internal sealed class TensorLayout
{
    private const int Alignment = 64 / sizeof(float);

    public TensorLayout(IEnumerable<TensorSpec> tensors)
    {
        Tensors = [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        Offsets = new int[Tensors.Count];
        for (var i = 0; i < Tensors.Count; i++)
        {
            Offsets[i] = Length;
            Length = checked(Length + ((Tensors[i].Length + Alignment - 1) / Alignment * Alignment));
        }
    }

    public IReadOnlyList<TensorSpec> Tensors { get; }

    /// <summary>Of each tensor, in elements.</summary>
    public int[] Offsets { get; }

    /// <summary>Elements of the buffer, those between tensors included.</summary>
    public int Length { get; }

    /// <summary>Elements of all tensors.</summary>
    public long Parameters => Tensors.Sum(tensor => (long)tensor.Length);
}
