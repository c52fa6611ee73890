using System.CommandLine;
using System.Diagnostics;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;

namespace DivCo.Cli.Commands;

/// <summary><c>divco serve</c>: divco-server in the foreground, with its own options and its own exit code.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        string[] options = [.. arguments.UnmatchedTokens, "--parent-pid", $"{Environment.ProcessId}"];
        using var server = Process.Start(new ProcessStartInfo(executable, options) { UseShellExecute = false })!;
        try
        {
            await server.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            Signals.Terminate(server.Id);
            using var patience = new CancellationTokenSource(Grace);
            try
            {
                await server.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                server.Kill(entireProcessTree: true);
                await server.WaitForExitAsync(CancellationToken.None);
            }
        }

        return (ExitCode)server.ExitCode;
    }
}
