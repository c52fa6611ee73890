using System.Diagnostics;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>Programs of others that the checks rest on. Without one a test is skipped with the reason; where CI is set it fails.</summary>
internal static class Tool
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <exception cref="InvalidOperationException">It is missing, or does not end with 0; the message is what it said.</exception>
    public static async Task<string> Run(string program, IEnumerable<string> arguments, string input = "", string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var deadline = new CancellationTokenSource(_patience);
        using var process = Start(start);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: has not ended within {_patience}");
        }

        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {await errors}{await output}");
    }

    /// <summary>Skips the running test for the reason; fails it where all checks must run.</summary>
    public static void MustBeThere(string? impediment)
    {
        if (impediment is not null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") != "true", impediment);
            Assert.Skip(impediment);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName}: {e.Message}", e);
        }
    }
}
