using System.Net;
using System.Net.Sockets;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Servers that cannot start as they were told to: a line that says why, exit code 2, and nothing left behind.</summary>
public sealed class StartRefusalTests
{
    [Fact]
    public async Task A_Redis_that_cannot_be_used_is_named_with_the_reason()
    {
        Redis.MustBeThere();
        await using var scenario = new Scenario();
        var redis = await Redis.Start(scenario, "--requirepass", "correct");
        var old = new AgedRedis(redis.Endpoints);
        await using (old)
        {
            var password = scenario.Write("password", "correct");
            await MustRefuse(scenario, "127.0.0.1:1", password, "--redis: 127.0.0.1:1 cannot be reached");
            await MustRefuse(scenario, redis.Endpoints, scenario.Write("wrong", "wrong"), $"--redis: {redis.Endpoints} refuses this user", "--redis-password-file");
            await MustRefuse(scenario, old.Endpoints, password, $"--redis: {old.Endpoints} runs Redis 5.", "6.0 or newer is needed");
        }

        Assert.Empty(scenario.Processes.Running("divco-server"));
    }

    [Fact]
    public async Task A_second_silo_of_a_name_is_refused_and_the_first_goes_on()
    {
        Redis.MustBeThere();
        await using var scenario = new Scenario();
        var redis = await Redis.Start(scenario);
        string[] records = ["--storage", "redis", "--redis", redis.Endpoints];
        var first = await scenario.Server("north", devices: 0, options: records);
        var second = Start(scenario, "north", records);
        Assert.Equal(2, await second.Exit());
        Assert.Contains("--name north: a silo of this name runs at", second.Errors.Text, StringComparison.Ordinal);
        Assert.Contains("choose another name", second.Errors.Text, StringComparison.Ordinal);
        Assert.Single(second.Errors.Lines);
        Assert.Single(scenario.Processes.Running("divco-server"));
        Assert.False(first.Process.HasExited);
        (await scenario.Run("list")).MustSucceed();
    }

    private static async Task MustRefuse(Scenario scenario, string endpoints, string password, params string[] reasons)
    {
        var server = Start(scenario, "north", "--storage", "redis", "--redis", endpoints, "--redis-password-file", password);
        Assert.Equal(2, await server.Exit());
        Assert.All(reasons, reason => Assert.Contains(reason, server.Errors.Text, StringComparison.Ordinal));
        Assert.Single(server.Errors.Lines);
        TestContext.Current.TestOutputHelper?.WriteLine(server.Errors.Text);
    }

    private static DivcoProcess Start(Scenario scenario, string name, params string[] options) => scenario.Start("server", Installation.Server,
    [
        "--name", name, "--results", scenario.Results, "--devices", "cpu:0", "--api-port", "0", "--exchange-port", "0", "--silo-port", "0", "--gateway-port", "0",
        "--admin-port", "0", .. options,
    ]);

    /// <summary>A real Redis, as it was years ago by its own words: Debian has no older one.</summary>
    private sealed class AgedRedis : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly IPEndPoint _real;
        private readonly Task _accepting;

        public AgedRedis(string real)
        {
            _real = IPEndPoint.Parse(real);
            _listener.Start();
            _accepting = Accept();
        }

        public string Endpoints => $"{_listener.LocalEndpoint}";

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _end.Dispose();
        }

        private async Task Accept()
        {
            List<Task> carrying = [];
            try
            {
                while (true)
                {
                    var near = await _listener.AcceptTcpClientAsync(_end.Token);
                    var far = new TcpClient();
                    await far.ConnectAsync(_real, _end.Token);
                    carrying.Add(Carry(near, far));
                    carrying.Add(Carry(far, near));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(carrying);
            }
        }

        private async Task Carry(TcpClient from, TcpClient to)
        {
            using var both = from;
            var buffer = new byte[1 << 16];
            try
            {
                int read;
                while ((read = await from.GetStream().ReadAsync(buffer, _end.Token)) > 0)
                {
                    Age(buffer.AsSpan(0, read));
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // One of the two has gone.
            }
        }

        private static void Age(Span<byte> bytes)
        {
            foreach (var field in (ReadOnlySpan<byte[]>)["redis_version:"u8.ToArray(), "version\r\n$6\r\n"u8.ToArray()])
            {
                if (bytes.IndexOf(field) is >= 0 and var at && at + field.Length < bytes.Length)
                {
                    bytes[at + field.Length] = (byte)'5';
                }
            }
        }
    }
}
