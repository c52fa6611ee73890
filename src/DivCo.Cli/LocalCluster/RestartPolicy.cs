namespace DivCo.Cli.LocalCluster;

/// <summary>A server that dies is started again, unless it dies so often that starting it again helps nobody.</summary>
internal static class RestartPolicy
{
    public const int MaxDeaths = 5;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <param name="deaths">When it died, on any monotonic clock; the last one is now.</param>
    public static bool Allows(IReadOnlyList<TimeSpan> deaths) => deaths.Count(death => death > deaths[^1] - Window) < MaxDeaths;
}
