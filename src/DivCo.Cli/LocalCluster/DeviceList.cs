using System.Text.RegularExpressions;

namespace DivCo.Cli.LocalCluster;

/// <summary>The devices of one server process, as divco-server is told them.</summary>
internal sealed partial record DeviceList(int Count)
{
    public const string Allowed = "must be cpu:N with N from 1 to 256 (one thread each)";

    private const int MaxCount = 256;

    public string Text => $"cpu:{Count}";

    public static bool TryParse(string text, out DeviceList? devices)
    {
        var match = Cpus().Match(text);
        devices = match.Success && int.Parse(match.Groups[1].Value) is >= 1 and <= MaxCount and var count ? new(count) : null;
        return devices is not null;
    }

    /// <summary>
    /// What a sweep can use: enough devices for its concurrent trials, at most the cores; never fewer than one trial needs.
    /// </summary>
    public static DeviceList For(int workers, int concurrentTrials, int processes, int cores)
    {
        var wanted = Math.Min((long)workers * concurrentTrials, Math.Max(cores, workers));
        return new((int)Math.Clamp((wanted + processes - 1) / processes, 1, MaxCount));
    }

    [GeneratedRegex(@"\Acpu:([0-9]{1,3})\z")]
    private static partial Regex Cpus();
}
