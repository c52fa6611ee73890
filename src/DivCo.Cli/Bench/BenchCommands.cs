using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;

namespace DivCo.Cli.Bench;

/// <summary><c>divco bench allreduce</c> and <c>checkpoint</c>, which divco-server measures by itself.</summary>
internal static class BenchCommands
{
    public static Task<ExitCode> AllReduceAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        Option<string?>[] options = [BenchArguments.Ranks, BenchArguments.Bytes, BenchArguments.Link, BenchArguments.Transport];
        return RunAsync(
            ["allreduce", .. options.Where(option => arguments.GetValue(option) is not null).SelectMany(option => (string[])[option.Name, arguments.GetValue(option)!])],
            arguments, terminal, cancel);
    }

    public static async Task<ExitCode> CheckpointAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        if (BenchSpec.Read(arguments, terminal) is not { } spec)
        {
            return ExitCode.Usage;
        }

        using var folder = new BenchFolder();
        return await RunAsync(["checkpoint", BenchSpec.Write(spec, folder.Path)], arguments, terminal, cancel);
    }

    private static async Task<ExitCode> RunAsync(IEnumerable<string> words, ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var executable = ServerExecutable.Find(arguments.GetValue(Arguments.ServerPath));
        var start = new ProcessStartInfo(executable, ["bench", .. words, BenchArguments.Repeats.Name, $"{arguments.GetValue(BenchArguments.Repeats)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
            await process.WaitForExitAsync(cancel);
            terminal.Error.Write(await errors);
            if (process.ExitCode != 0)
            {
                return process.ExitCode == 2 ? ExitCode.Usage : ExitCode.Failed;
            }

            terminal.WriteFigures(JsonNode.Parse(await output)!);
            return ExitCode.Ok;
        }
        finally
        {
            process.Kill(entireProcessTree: true); // one that has ended is no error
        }
    }
}
