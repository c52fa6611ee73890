using System.Text.Json;
using System.Text.Json.Nodes;
using DivCo.Cli.Output;

namespace DivCo.Cli.Bench;

/// <summary>Figures are JSON either way: on one line for programs, over many for people.</summary>
internal static class BenchReport
{
    private static readonly JsonSerializerOptions _people = new() { WriteIndented = true };

    public static void WriteFigures(this Terminal terminal, JsonNode figures)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(figures);
        }
        else
        {
            terminal.Out.WriteLine(figures.ToJsonString(_people));
        }
    }

    public static JsonObject Machine(double loadBefore) => new()
    {
        ["processors"] = Environment.ProcessorCount,
        ["load_before"] = loadBefore,
        ["load_after"] = Load(),
    };

    /// <summary>Processes that wanted to run, on average over the last minute.</summary>
    public static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
