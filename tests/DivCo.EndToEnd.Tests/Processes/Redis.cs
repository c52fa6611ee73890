using System.Net;
using System.Net.Sockets;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>Debian's redis-server as part of a story, with an append-only file; after a kill it can be started again.</summary>
internal sealed class Redis
{
    private const string Executable = "/usr/bin/redis-server";
    private readonly Scenario _scenario;
    private readonly int _port;
    private DivcoProcess _process;

    private Redis(Scenario scenario, int port, DivcoProcess process) => (_scenario, _port, _process) = (scenario, port, process);

    public string Endpoints => $"127.0.0.1:{_port}";

    /// <summary>Why none can be started here; null where one can.</summary>
    public static string? Impediment() => File.Exists(Executable) ? null : $"{Executable} is not installed (Debian: redis-server)";

    public static async Task<Redis> Start(Scenario scenario)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var redis = new Redis(scenario, port, Begin(scenario, port));
        await redis.IsReady();
        return redis;
    }

    public Task Kill() => _process.Kill();

    public async Task StartAgain()
    {
        _process = Begin(_scenario, _port);
        await IsReady();
    }

    private static DivcoProcess Begin(Scenario scenario, int port) => scenario.Start(
        "redis", Executable, ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", scenario.Folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""]);

    private Task IsReady() => Deadline.Until(
        "Redis to be ready", () => _process.Output.Text.Contains("Ready to accept connections", StringComparison.Ordinal), instead: _process.ToString);
}
