using System.Globalization;
using System.Text;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>
/// All processes of one scenario, found by a variable in their environment, which children inherit: also those that
/// <c>divco run</c> started, and those whose parent was killed.
/// </summary>
internal sealed class MarkedProcesses
{
    private const string Variable = "DIVCO_SCENARIO";
    private readonly string _value = Guid.NewGuid().ToString("N");

    public KeyValuePair<string, string> Mark => new(Variable, _value);

    /// <summary>Ids of the living processes that run <paramref name="program"/> with all of these arguments among theirs.</summary>
    public IReadOnlyList<int> Running(string program, params string[] arguments) =>
        [.. Ids().Where(id => Read(id, "cmdline") is [var file, ..] words && Path.GetFileName(file) == program && !arguments.Except(words).Any())];

    /// <summary>kill -9 to whatever is left of the scenario.</summary>
    public void KillAll()
    {
        foreach (var id in Ids())
        {
            Signals.Send(id, Signal.Kill);
        }
    }

    private IEnumerable<int> Ids() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0 && Read(id, "environ").Contains($"{Variable}={_value}"));

    private static string[] Read(int id, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/{file}")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
