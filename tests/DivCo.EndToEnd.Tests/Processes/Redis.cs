using System.Net;
using System.Net.Sockets;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>Debian's redis-server as part of a story, with an append-only file; after a kill it can be started again.</summary>
internal sealed class Redis
{
    private const string Executable = "/usr/bin/redis-server";
    private readonly Scenario _scenario;
    private readonly int _port;
    private readonly string[] _options;
    private DivcoProcess _process;

    private Redis(Scenario scenario, int port, string[] options) => (_scenario, _port, _options, _process) = (scenario, port, options, Begin(scenario, port, options));

    public string Endpoints => $"127.0.0.1:{_port}";

    /// <summary>Why none can be started here; null where one can.</summary>
    public static string? Impediment() => File.Exists(Executable) ? null : $"{Executable} is not installed (Debian: redis-server)";

    /// <summary>Skips the test where there is none, unless all tests must run.</summary>
    public static void MustBeThere() => Assert.SkipWhen(Impediment() is not null && Environment.GetEnvironmentVariable("CI") != "true", Impediment() ?? "");

    /// <param name="options">Of redis-server, beside folder, port (with --tls-port: of TLS alone) and the append-only file.</param>
    public static async Task<Redis> Start(Scenario scenario, params string[] options)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var redis = new Redis(scenario, port, options);
        await redis.IsReady();
        return redis;
    }

    public Task Kill() => _process.Kill();

    public async Task StartAgain()
    {
        _process = Begin(_scenario, _port, _options);
        await IsReady();
    }

    private static DivcoProcess Begin(Scenario scenario, int port, string[] options) => scenario.Start(
        "redis", Executable,
        [
            .. options.Contains("--tls-cert-file") ? (string[])["--port", "0", "--tls-port", $"{port}"] : ["--port", $"{port}"], "--bind", "127.0.0.1", "--dir", scenario.Folder,
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", .. options,
        ]);

    private Task IsReady() => Deadline.Until(
        "Redis to be ready", () => _process.Output.Text.Contains("Ready to accept connections", StringComparison.Ordinal), instead: _process.ToString);
}
