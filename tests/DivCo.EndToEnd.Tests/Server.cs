using System.Text.Json;
using DivCo.EndToEnd.Tests.Processes;
using Grpc.Core;
using Grpc.Net.Client;

namespace DivCo.EndToEnd.Tests;

/// <summary>A server process under its name; after a kill it can be started again.</summary>
internal sealed class Server(Scenario scenario, string name, int devices, NetworkNode? node, string[] options) : IDisposable
{
    /// <summary>What a server takes for a clean end, and some seconds for a busy machine.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(30);

    private DivcoProcess? _process;
    private GrpcChannel? _channel;
    private bool _paused;

    public string Name => name;

    /// <summary>Its process; another one after each start.</summary>
    public DivcoProcess Process => _process ?? throw new InvalidOperationException($"Server {name} was not started.");

    /// <summary>Address of its API.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Address of its health and metrics.</summary>
    public Uri Admin { get; private set; } = new("http://127.0.0.1");

    /// <summary>Address of its gradient exchange; null: it has none.</summary>
    public Uri? Exchange { get; private set; }

    /// <summary>Its place in a network; null: this machine's own.</summary>
    public NetworkNode? Node => node;

    /// <summary>Whether it has the API at all; a bare silo has not.</summary>
    public bool HasApi { get; private set; } = true;

    /// <summary>Calls to its API, by whoever the story's clients are.</summary>
    public CallInvoker Calls => scenario.Identity?.Authorize(Channel.CreateCallInvoker()) ?? Channel.CreateCallInvoker();

    /// <summary>Whether calls to it can be answered.</summary>
    public bool IsServing => _channel is not null && HasApi && !Process.HasExited && !_paused && node?.IsIsolated != true;

    /// <summary>A channel to its API.</summary>
    public GrpcChannel Channel => _channel ?? throw new InvalidOperationException($"Server {name} does not serve.");

    /// <summary>Starts the process, on free ports, and waits until it has joined and serves.</summary>
    /// <param name="kill">The point at which it kills itself, such as <c>device=north/cpu0,update=7,phase=before_send</c>.</param>
    public async Task Start(string? kill = null)
    {
        var readyFile = Path.Combine(scenario.Folder, $"{name}.ready");
        File.Delete(readyFile);
        string[] place = node is null ? [] : ["--listen", node.Address, "--insecure"];
        _process = scenario.Start(name, Installation.Server,
        [
            "--name", name, "--data", scenario.Data, "--results", scenario.Results, "--devices", $"cpu:{devices}", "--api-port", "0",
            "--exchange-port", "0", "--silo-port", "0", "--gateway-port", "0", "--admin-port", "0", "--ready-file", readyFile, .. place, .. options,
        ], node, kill is null ? [] : [new("DIVCO_FAULT_KILL", kill)]);
        await Deadline.Until(
            $"server {name} to be ready", () => File.Exists(readyFile) || (_process.HasExited ? throw new InvalidOperationException($"{_process}") : false),
            instead: _process.ToString);
        var ready = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(readyFile, TestContext.Current.CancellationToken));
        HasApi = ready.GetProperty("api").ValueKind != JsonValueKind.Null;
        Exchange = ready.GetProperty("exchange").GetString() is { } exchange ? new Uri(exchange) : null;
        Admin = new Uri(ready.GetProperty("admin").GetString()!);
        _channel?.Dispose();
        if (HasApi)
        {
            Address = new Uri(ready.GetProperty("api").GetString()!);
            _channel = scenario.Identity?.Open(Address) ?? GrpcChannel.ForAddress(Address);
        }
    }

    /// <summary>kill -9.</summary>
    public Task Kill() => Process.Kill();

    /// <summary>SIGTERM, and the clean end that it promises.</summary>
    public async Task Stop()
    {
        Process.Send(Signal.Terminate);
        var exitCode = await Process.Exit(_grace);
        Assert.True(exitCode == 0, $"{Process}");
    }

    /// <summary>SIGSTOP: it hangs, with all its connections open.</summary>
    public void Pause()
    {
        _paused = true;
        Process.Send(Signal.Stop);
    }

    /// <summary>SIGCONT.</summary>
    public void Resume()
    {
        Process.Send(Signal.Continue);
        _paused = false;
    }

    public void Dispose() => _channel?.Dispose();
}
