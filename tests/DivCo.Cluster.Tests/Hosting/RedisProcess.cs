using System.Diagnostics;
using System.Globalization;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>A redis-server of its own on loopback, that can be killed and started again on the same files and port.</summary>
internal sealed class RedisProcess : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _options;
    private readonly int _port = FreePorts.Take(1)[0];
    private Process? _process;

    private RedisProcess(string[] options) => _options = options;

    public string Endpoints => $"127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    public int Port => _port;

    /// <summary>Started and answering. Where there is no redis-server the test is skipped, or fails where tests must all run.</summary>
    /// <param name="options">Of redis-server, beside port, folder and the append-only file.</param>
    public static async Task<RedisProcess> Start(params string[] options)
    {
        var redis = new RedisProcess(options);
        await redis.StartAgain();
        return redis;
    }

    public async Task StartAgain()
    {
        const string Executable = "/usr/bin/redis-server";
        if (!File.Exists(Executable))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"{Executable} is not installed (Debian: redis-server)");
        }

        string[] arguments =
        [
            "--port", _options.Contains("--tls-port") ? "0" : _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder.Path,
            "--appendfsync", "always", "--save", "", .. _options.Contains("--appendonly") ? (string[])[] : ["--appendonly", "yes"],
            .. _options.Select(option => option.Replace("{port}", _port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)),
        ];
        _process = Process.Start(new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true })!;
        using var deadline = new CancellationTokenSource(_deadline);
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return;
            }
        }

        Assert.Fail($"redis-server ended: {string.Join(' ', arguments)}");
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(_deadline);
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.Dispose();
        _folder.Dispose();
    }
}
