using System.Diagnostics;
using System.Text.Json;
using DivCo.Cluster.Offline;

namespace DivCo.Cluster.Bench;

/// <summary>A process that measures when it is told to: a line in, one line of JSON out. Between its rounds it stands still, so that others can be measured.</summary>
internal sealed class RoundProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly string _name;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private RoundProcess(string name, Process process)
    {
        (_name, _process) = (name, process);
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static RoundProcess Start(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        return new RoundProcess(name, Process.Start(start)!);
    }

    /// <summary>Another of this program.</summary>
    public static RoundProcess StartSelf(string name, params string[] arguments) => Start(name, Environment.ProcessPath!, arguments);

    public async Task Tell(string line, CancellationToken cancel)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancel);
        await _process.StandardInput.FlushAsync(cancel);
    }

    /// <exception cref="OfflineException">The process ended, or did not answer in time.</exception>
    public async Task<JsonElement> Answer(CancellationToken cancel)
    {
        try
        {
            var line = await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(_patience, cancel);
            return line is not null
                ? JsonDocument.Parse(line).RootElement
                : throw new OfflineException($"{_name} ended: {(await _errors.WaitAsync(_patience, cancel)).Trim()}");
        }
        catch (TimeoutException)
        {
            throw new OfflineException($"{_name} did not answer within {_patience.TotalMinutes} minutes");
        }
        catch (JsonException e)
        {
            throw new OfflineException($"{_name} answered with what is no JSON: {e.Message}", e);
        }
    }

    /// <summary>Ends it, whatever it does.</summary>
    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
