using System.Text.RegularExpressions;

namespace DivCo.Cli.LocalCluster;

/// <summary>The devices of one server process, as divco-server is told them.</summary>
/// <param name="Count">Null where only the server can tell.</param>
internal sealed partial record DeviceList(string Text, int? Count)
{
    public const string Allowed = "must be cpu:N with N from 1 to 256 (one thread each), cuda, or cuda:0,1,...";

    public static DeviceList Cpu(int count) => new($"cpu:{count}", count);

    public static bool TryParse(string text, out DeviceList? devices)
    {
        devices = null;
        if (Cpus().Match(text) is { Success: true } cpus && int.Parse(cpus.Groups[1].Value) is >= 1 and <= 256 and var count)
        {
            devices = Cpu(count);
        }
        else if (Gpus().Match(text) is { Success: true } gpus)
        {
            devices = new(text, gpus.Groups[1].Success ? text.Count(character => character == ',') + 1 : null);
        }

        return devices is not null;
    }

    /// <summary>
    /// What a sweep can use: enough devices for its concurrent trials, at most the cores; never fewer than one trial needs.
    /// </summary>
    public static DeviceList For(int workers, int concurrentTrials, int processes, int cores)
    {
        var wanted = Math.Min((long)workers * concurrentTrials, Math.Max(cores, workers));
        return Cpu((int)Math.Clamp((wanted + processes - 1) / processes, 1, 256));
    }

    [GeneratedRegex(@"\Acpu:([0-9]{1,3})\z")]
    private static partial Regex Cpus();

    [GeneratedRegex(@"\Acuda(:[0-9]{1,3}(?:,[0-9]{1,3})*)?\z")]
    private static partial Regex Gpus();
}
