using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace DivCo.Cli.LocalCluster;

/// <summary>What one server is told.</summary>
internal sealed record ServerOptions(string Executable, string Name, string DataFolder, string ResultsFolder, string Devices, string LogFile, string ReadyFile)
{
    /// <summary>Its trials stop after this step, with a checkpoint.</summary>
    public int? StopAfterStep { get; init; }

    /// <summary>The point at which it kills itself (SIGKILL), once: the server's own DIVCO_FAULT_KILL.</summary>
    public string? Kill { get; init; }
}

/// <summary>A server process that ended while it was needed.</summary>
internal sealed class ServerEndedException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>One divco-server process: started in a session of its own, so that Ctrl-C reaches divco alone; it logs to a file and ends with divco.</summary>
internal sealed class ServerProcess : IDisposable
{
    // The shell is replaced by the server: one process, whose output goes to the file whatever becomes of divco.
    private const string Launch = """log=$1; shift; command -v setsid >/dev/null && set -- setsid "$@"; exec "$@" >>"$log" 2>&1 </dev/null""";

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly ServerOptions _options;
    private readonly Process _process;
    private readonly long _logStart;

    private ServerProcess(ServerOptions options, Process process, long logStart)
    {
        _options = options;
        _process = process;
        _logStart = logStart;
    }

    public static ServerProcess Start(ServerOptions options)
    {
        File.Delete(options.ReadyFile);
        var logStart = File.Exists(options.LogFile) ? new FileInfo(options.LogFile).Length : 0;
        string[] arguments = [
            "-c", Launch, "divco", options.LogFile, options.Executable,
            "--name", options.Name, "--data", options.DataFolder, "--results", options.ResultsFolder, "--devices", options.Devices,
            "--api-port", "0", "--exchange-port", "0", "--silo-port", "0", "--gateway-port", "0", "--admin-port", "0",
            "--ready-file", options.ReadyFile, "--parent-pid", $"{Environment.ProcessId}",
            .. options.StopAfterStep is { } last ? ["--stop-after-step", $"{last}"] : (string[])[]];
        var start = new ProcessStartInfo("/bin/sh", arguments) { UseShellExecute = false };
        if (options.Kill is { } point)
        {
            start.Environment["DIVCO_FAULT_KILL"] = point;
        }

        return new(options, Process.Start(start)!, logStart);
    }

    /// <summary>Waits until the server has joined and serves.</summary>
    /// <returns>The address of its API.</returns>
    /// <exception cref="ServerEndedException">It ended before, or was not ready in time; the message has what it said.</exception>
    public async Task<Uri> ReadyAsync(CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < ReadyTimeout)
        {
            if (_process.HasExited)
            {
                throw Ended($"server {_options.Name} ended with {_process.ExitCode} while starting", _process.ExitCode);
            }

            if (File.Exists(_options.ReadyFile))
            {
                using var ready = JsonDocument.Parse(await File.ReadAllTextAsync(_options.ReadyFile, cancel));
                return new Uri(ready.RootElement.GetProperty("api").GetString()!);
            }

            await Task.Delay(Poll, cancel);
        }

        throw Ended($"server {_options.Name} was not ready after {ReadyTimeout.TotalSeconds} s", (int)ExitCode.Failed);
    }

    /// <summary>Waits until the process has ended, and says how.</summary>
    public async Task<ServerEndedException> EndAsync(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        return Ended($"server {_options.Name} ended with {_process.ExitCode}", _process.ExitCode);
    }

    /// <summary>Asks the server to end, and after the grace ends it.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        using var patience = new CancellationTokenSource(grace);
        try
        {
            if (!_process.HasExited)
            {
                Signals.Terminate(_process.Id);
            }

            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _process.Dispose();

    private ServerEndedException Ended(string what, int exitCode)
    {
        var said = LastLines();
        return new($"{what}; log: {_options.LogFile}{(said.Length > 0 ? "\n" + said : "")}", exitCode);
    }

    /// <summary>The end of what this process wrote, indented.</summary>
    private string LastLines()
    {
        const int MaxLines = 12;
        const int MaxBytes = 8192;
        if (!File.Exists(_options.LogFile))
        {
            return "";
        }

        using var log = new FileStream(_options.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = Math.Max(Math.Min(_logStart, log.Length), log.Length - MaxBytes);
        using var reader = new StreamReader(log, Encoding.UTF8);
        return string.Join('\n', reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MaxLines).Select(line => "  " + line));
    }
}
