namespace DivCo.Protocol;

/// <summary>What one sweep may ask of a cluster at most.</summary>
public static class SweepLimits
{
    public const int MaxTrials = 10_000;
    public const int MaxConcurrent = 1_000;
    public const int MaxWorkers = 1_024;
    public const int MaxParameters = 64;
    public const int MaxValues = 1_000;
}
