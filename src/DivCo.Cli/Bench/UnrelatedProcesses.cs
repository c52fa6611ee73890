namespace DivCo.Cli.Bench;

/// <summary>Processes that each train the same trial alone, some of them at once.</summary>
internal sealed class UnrelatedProcesses(IReadOnlyList<BareProcess> processes) : IDisposable
{
    public static async Task<UnrelatedProcesses> StartAsync(string executable, string spec, int count, CancellationToken cancel)
    {
        var started = new List<BareProcess>();
        try
        {
            while (started.Count < count)
            {
                started.Add(await BareProcess.StartAsync(executable, spec, cancel));
            }

            return new UnrelatedProcesses(started);
        }
        catch
        {
            started.ForEach(process => process.Dispose());
            throw;
        }
    }

    /// <summary>Seconds of a step, on average over the processes, while so many are at work.</summary>
    public async Task<double> StepSecondsAsync(int count, int warm, int steps, CancellationToken cancel)
    {
        var rounds = await Task.WhenAll(processes.Take(count).Select(process => process.RoundAsync(warm, steps, cancel)));
        return rounds.Average(round => round.Seconds.Average());
    }

    public void Dispose()
    {
        foreach (var process in processes)
        {
            process.Dispose();
        }
    }
}
