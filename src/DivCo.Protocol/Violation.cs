namespace DivCo.Protocol;

/// <summary>One rule that a spec breaks.</summary>
/// <param name="Field">Path below the spec, such as <c>trial.tau</c> or <c>parameters.tau.values[2]</c>.</param>
/// <param name="Description">What is wrong, what is allowed and how to mend it, in one line.</param>
public sealed record Violation(string Field, string Description)
{
    public override string ToString() => $"{Field}: {Description}";
}
