using System.Diagnostics;
using System.Text.Json;

namespace DivCo.Cli.Bench;

/// <summary>What a round of the bare loop came to.</summary>
/// <param name="Seconds">Of each step.</param>
internal sealed record BareRound(IReadOnlyList<double> Seconds, double AllocatedBytesPerStep, string WeightsSha256);

/// <summary>The bare loop in a process of its own, which stands still between its rounds.</summary>
internal sealed class BareProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private BareProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <param name="spec">A file with the complete spec as protobuf's JSON.</param>
    public static async Task<BareProcess> StartAsync(string executable, string spec, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(executable, ["bench", "bare", spec]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = new BareProcess(Process.Start(start)!);
        try
        {
            await process.AnswerAsync(cancel);
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Trains from the beginning: some steps that do not count, and some that are timed.</summary>
    public async Task<BareRound> RoundAsync(int warm, int steps, CancellationToken cancel)
    {
        await _process.StandardInput.WriteLineAsync($"{warm} {steps}".AsMemory(), cancel);
        await _process.StandardInput.FlushAsync(cancel);
        var answer = await AnswerAsync(cancel);
        return new BareRound(
            [.. answer.GetProperty("seconds").EnumerateArray().Select(one => one.GetDouble())],
            answer.GetProperty("allocated").GetDouble() / steps,
            answer.GetProperty("weights_sha256").GetString()!);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task<JsonElement> AnswerAsync(CancellationToken cancel)
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(_patience, cancel) is { } line
                ? JsonDocument.Parse(line).RootElement
                : throw new CommandException(ExitCode.Failed, $"the bare loop ended: {(await _errors.WaitAsync(_patience, cancel)).Trim()}");
        }
        catch (TimeoutException)
        {
            throw new CommandException(ExitCode.Failed, $"the bare loop did not answer within {_patience.TotalMinutes} minutes");
        }
    }
}
