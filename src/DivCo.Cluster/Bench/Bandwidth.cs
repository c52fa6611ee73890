using System.Text.Json.Nodes;

namespace DivCo.Cluster.Bench;

/// <summary>
/// Bandwidths as nccl-tests define them: <c>algbw</c> is the size of the buffer over the time; <c>busbw</c> of an all-reduce is that times 2 (n - 1) / n, what
/// each of n ranks must send at least.
/// </summary>
internal static class Bandwidth
{
    private const double Gibi = 1L << 30;

    public static double Algorithm(long bytes, double seconds) => bytes / seconds / Gibi;

    public static double BusOfAllReduce(long bytes, double seconds, int ranks) => Algorithm(bytes, seconds) * 2 * (ranks - 1) / ranks;

    /// <summary>Seconds and bandwidths of all-reduces.</summary>
    public static JsonObject AllReduce(IReadOnlyList<double> seconds, long bytes, int ranks) => new()
    {
        ["seconds"] = Spread.Of(seconds).ToJson(),
        ["algbw_gib_s"] = Spread.Of(seconds.Select(one => Algorithm(bytes, one))).ToJson(),
        ["busbw_gib_s"] = Spread.Of(seconds.Select(one => BusOfAllReduce(bytes, one, ranks))).ToJson(),
    };

    /// <summary>Seconds and bandwidth of something that moves the bytes once.</summary>
    public static JsonObject Plain(IReadOnlyList<double> seconds, long bytes) => new()
    {
        ["seconds"] = Spread.Of(seconds).ToJson(),
        ["gib_s"] = Spread.Of(seconds.Select(one => Algorithm(bytes, one))).ToJson(),
    };
}
