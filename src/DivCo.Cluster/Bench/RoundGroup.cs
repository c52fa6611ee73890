using System.Text.Json;

namespace DivCo.Cluster.Bench;

/// <summary>Processes that measure together: a round ends when all have answered.</summary>
internal sealed class RoundGroup(IReadOnlyList<RoundProcess> processes) : IDisposable
{
    public async Task<JsonElement[]> Answers(CancellationToken cancel) => await Task.WhenAll(processes.Select(process => process.Answer(cancel)));

    public async Task<JsonElement[]> Round(string line, CancellationToken cancel)
    {
        foreach (var process in processes)
        {
            await process.Tell(line, cancel);
        }

        return await Answers(cancel);
    }

    /// <summary>The seconds of each operation of a round: those of the slowest process.</summary>
    public async Task<IReadOnlyList<double>> Seconds(string line, CancellationToken cancel) => Slowest(await Round(line, cancel));

    public static IReadOnlyList<double> Slowest(IEnumerable<JsonElement> answers)
    {
        var all = answers.Select(answer => answer.GetProperty("seconds").EnumerateArray().Select(one => one.GetDouble()).ToArray()).Where(one => one.Length > 0).ToArray();
        return [.. Enumerable.Range(0, all.Max(one => one.Length)).Select(i => all.Max(one => one[i]))];
    }

    public void Dispose()
    {
        foreach (var process in processes)
        {
            process.Dispose();
        }
    }
}
