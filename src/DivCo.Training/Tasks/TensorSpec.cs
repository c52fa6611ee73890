namespace DivCo.Training.Tasks;

/// <summary>One tensor of a network: its name in checkpoints, sizes, and what it starts with.</summary>
internal sealed record TensorSpec(string Name, long[] Shape, InitialValue Initial)
{
    public int Length => checked((int)Shape.Aggregate(1L, (product, size) => product * size));
}

/// <summary>What the elements of a tensor start with: drawn from N(0, spread^2), uniform in ±spread, or all one value.</summary>
internal readonly record struct InitialValue(InitialDistribution Distribution, double Parameter)
{
    public static InitialValue Normal(double deviation) => new(InitialDistribution.Normal, deviation);

    public static InitialValue Uniform(double bound) => new(InitialDistribution.Uniform, bound);

    public static InitialValue Constant(double value) => new(InitialDistribution.Constant, value);
}

internal enum InitialDistribution
{
    Constant,
    Normal,
    Uniform,
}
