using System.Text.Json.Nodes;

namespace DivCo.Cluster.Bench;

/// <summary>On what, and beside what else, something was measured.</summary>
internal static class Machine
{
    /// <summary>Processes that wanted to run, on average over the last minute.</summary>
    public static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    public static JsonObject ToJson(double loadBefore) => new()
    {
        ["processors"] = Environment.ProcessorCount,
        ["load_before"] = loadBefore,
        ["load_after"] = Load(),
    };
}
