using System.Text.Json;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>One divco-server on free ports of loopback.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _startDeadline = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private ServerProcess(ChildProcess process, string api)
    {
        _process = process;
        Api = api;
    }

    /// <summary>Address of its gRPC API.</summary>
    public string Api { get; }

    public static async Task<ServerProcess> Start(TempFolder folder, string name, string devices = "cpu:1", params string[] more)
    {
        var ready = Path.Combine(folder.Path, $"{name}-{Guid.NewGuid():n}.json");
        var process = Begin(folder, name, devices, ["--ready-file", ready, .. more]);
        using var watcher = new FileSystemWatcher(folder.Path) { EnableRaisingEvents = true };
        var appeared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Renamed += (_, e) => Note(e.FullPath);
        watcher.Created += (_, e) => Note(e.FullPath);
        Note(File.Exists(ready) ? ready : "");
        var exit = process.Exit(_startDeadline);
        if (await Task.WhenAny(appeared.Task, exit) == exit)
        {
            throw new InvalidOperationException($"the server {name} ended with {await exit} before it was ready:\n{process.Everything()}");
        }

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(ready));
        return new ServerProcess(process, json.RootElement.GetProperty("api").GetString()!);

        void Note(string path)
        {
            if (path == ready)
            {
                appeared.TrySetResult();
            }
        }
    }

    /// <summary>Starts a server without waiting for it, for those that are meant to refuse.</summary>
    public static ChildProcess Begin(TempFolder folder, string name, string devices, params string[] more)
    {
        (string Option, string Value)[] usual =
        [
            ("--name", name), ("--data", folder.File("data")), ("--results", folder.File("results")), ("--devices", devices),
            ("--api-port", "0"), ("--exchange-port", "0"), ("--admin-port", "0"), ("--silo-port", "0"), ("--gateway-port", "0"),
        ];
        return ChildProcess.Start(
            Installation.Server, [.. usual.Where(pair => !more.Contains(pair.Option)).SelectMany(pair => new[] { pair.Option, pair.Value }), .. more]);
    }

    /// <summary>kill -9, and wait until it is gone.</summary>
    public async Task Kill()
    {
        _process.Signal(Signal.Kill);
        await _process.Exit(TimeSpan.FromSeconds(10));
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> Terminate()
    {
        _process.Signal(Signal.Terminate);
        return _process.Exit(TimeSpan.FromSeconds(30));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
