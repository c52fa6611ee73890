using System.Globalization;
using System.Text;

namespace DivCo.Cli.LocalCluster;

/// <summary>Servers of an earlier <c>divco run</c> that was killed: they notice it within a second and end by themselves, which the next run awaits.</summary>
internal static class LeftoverServers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when no process works on the data folder.</summary>
    /// <exception cref="CommandException">Some still do after 30 s; the message names them.</exception>
    public static async Task GoneAsync(string dataFolder, Action<string> say, CancellationToken cancel)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var told = false; Find(dataFolder) is { Count: > 0 } left; told = true)
        {
            var processes = $"process {string.Join(", ", left)}";
            if (System.Diagnostics.Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new CommandException(ExitCode.Failed, $"servers of an earlier run have not ended within {Patience.TotalSeconds} s ({processes}); kill them");
            }

            if (!told)
            {
                say($"waiting for the servers of an earlier run to end ({processes})");
            }

            await Task.Delay(Poll, cancel);
        }
    }

    private static List<int> Find(string dataFolder) => [.. Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0 && Arguments(id) is var words && Array.IndexOf(words, "--data") is >= 0 and var at && words.ElementAtOrDefault(at + 1) == dataFolder)];

    private static string[] Arguments(int id)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/cmdline")).Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
