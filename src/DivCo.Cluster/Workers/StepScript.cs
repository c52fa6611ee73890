using System.Diagnostics;
using DivCo.Cluster.Hosting;

namespace DivCo.Cluster.Workers;

/// <summary>
/// What this server does by itself after a given step: stop its trials, or die as by kill -9. <c>divco verify</c> proves by it that neither
/// changes a bit; from outside nobody could strike twice at the same step.
/// </summary>
internal sealed class StepScript(ServerOptions options)
{
    /// <summary>Whether the trial is to stop with the step that runs now; asked before each update. Does not return where the process is to die.</summary>
    /// <param name="completed">Steps of the trial.</param>
    public bool StopsAfter(int completed)
    {
        if (completed >= options.DieAfterStep)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }

        return completed + 1 >= options.StopAfterStep;
    }
}
