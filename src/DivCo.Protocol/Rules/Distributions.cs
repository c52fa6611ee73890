namespace DivCo.Protocol.Rules;

internal static class Distributions
{
    public const string Uniform = "uniform";
    public const string LogUniform = "log_uniform";
    public const string IntUniform = "int_uniform";

    public static readonly IReadOnlyList<string> All = [Uniform, LogUniform, IntUniform];
}
