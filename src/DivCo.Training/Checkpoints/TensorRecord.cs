namespace DivCo.Training.Checkpoints;

/// <summary>One named float32 tensor as it stands in a file: values row-major, as many as the product of the shape.</summary>
/// <param name="Name">1 to 512 printable ASCII characters without quotation mark and backslash.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Values">Owned by the record: nobody changes them while it is in use.</param>
public sealed record TensorRecord(string Name, IReadOnlyList<long> Shape, ReadOnlyMemory<float> Values);
