namespace DivCo.Collectives;

/// <summary>A part of the buffer of an all-reduce, whose sum one rank finishes for all.</summary>
/// <param name="Start">The first element.</param>
/// <param name="Length">Elements.</param>
/// <param name="Owner">The rank that finishes it.</param>
public readonly record struct SumChunk(int Start, int Length, int Owner);
