using DivCo.Protocol.V1;
using Spectre.Console;

namespace DivCo.Cli.Output;

/// <summary>Shows a sweep while it runs: a table that redraws itself for a person, else a line for each event.</summary>
internal static class SweepProgress
{
    /// <returns>The last revision that was seen, or null where there was none.</returns>
    public static async Task<Sweep?> ShowAsync(this Terminal terminal, IAsyncEnumerable<Sweep> revisions)
    {
        Sweep? last = null;
        if (!terminal.Live)
        {
            await foreach (var sweep in revisions)
            {
                foreach (var line in SweepEvents.Between(last, sweep))
                {
                    terminal.Say(line);
                }

                last = sweep;
            }

            return last;
        }

        await terminal.Console().Live(new Text("waiting for the sweep")).AutoClear(true).StartAsync(async display =>
        {
            await foreach (var sweep in revisions)
            {
                display.UpdateTarget(SweepTables.Progress(sweep));
                last = sweep;
            }
        });
        return last;
    }
}
