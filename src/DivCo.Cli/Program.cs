using System.Runtime.InteropServices;
using DivCo.Cli;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;

// The first signal asks the command to end in good order; a second one ends divco at once (its servers notice and end too).
using var cancel = new CancellationTokenSource();
void Cancel(PosixSignalContext signal)
{
    signal.Cancel = !cancel.IsCancellationRequested;
    cancel.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);

using var trace = CommandTrace.Start();
return (int)await CommandTree.RunAsync(args, new Terminal(Console.Out, Console.Error, !Console.IsOutputRedirected), cancel.Token);
