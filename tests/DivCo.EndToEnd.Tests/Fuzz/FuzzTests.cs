using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol;

namespace DivCo.EndToEnd.Tests.Fuzz;

/// <summary>One server that is sent what no client of ours sends, at its API and at its exchange. It answers, refuses or hangs up; it neither ends nor grows.</summary>
public sealed partial class FuzzTests
{
    private const int Seed = 20261123, Workers = 32;

    /// <summary>What the runtime's heap may have taken meanwhile, in bytes.</summary>
    private const long MayGrow = 256L << 20;

    private static readonly string[] _tokens = [.. Enumerable.Range(0, Workers).Select(i => AccessToken.Of([.. Enumerable.Repeat((byte)(i + 1), 32)]))];

    [Fact]
    public Task A_sample_of_what_may_come() => Assault(requests: 2000, connections: 100, streams: 600);

    [Fact(Explicit = true)]
    public Task A_hundred_thousand_requests_and_thousands_of_idle_streams() => Assault(requests: 100_000, connections: 1500, streams: 4000);

    private static async Task Assault(int requests, int connections, int streams)
    {
        await using var scenario = new Scenario();
        var tokens = scenario.Write("tokens", string.Join('\n', _tokens.Select((token, i) => AccessToken.Line($"caller-{i}", (AccessRole)(i % 3), token))));
        var server = await scenario.Server("target", devices: 0, options: ["--tokens", tokens]);
        using var api = new RawGrpc(server.Address);
        using var exchange = new RawGrpc(server.Exchange!);

        await Mutated(api, exchange, requests / 20);
        var before = Memory(server);
        Say($"resident after the first {requests / 20} requests: {before >> 20} MiB");
        await Step(server, api, $"{requests} mutated and random requests", () => Mutated(api, exchange, requests));
        await Step(server, api, $"{connections} connections of garbage", () => Garbage(server, connections));
        await Step(server, api, "oversize messages", () => Oversize(api, exchange));
        await Step(server, api, $"{streams} idle streams and {connections} idle connections", () => Idle(server, api, exchange, streams, connections));
        await Step(server, api, "slow writers", () => SlowWriters(server, connections / 4));
        var after = Memory(server);
        Say($"logged: {string.Join(", ", server.Process.Errors.Lines.Select(line => Fault().Match(line)).Where(fault => fault.Success).CountBy(fault => fault.Value).Select(fault => $"{fault.Value} x {fault.Key}"))}");
        Say($"resident: {before >> 20} MiB before, {after >> 20} MiB after, {Memory(server, "VmHWM") >> 20} MiB at most");
        Assert.True(after - before < MayGrow, $"{before} bytes before, {after} after");
        await server.Stop();
    }

    /// <summary>After each, an honest caller is served.</summary>
    private static async Task Step(Server server, RawGrpc api, string what, Func<Task<Outcomes>> step)
    {
        var started = Stopwatch.GetTimestamp();
        var outcomes = await step();
        Say($"{what}: {outcomes} ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s; resident {Memory(server) >> 20} MiB)");
        Assert.False(server.Process.HasExited, $"{server.Process}");
        await Deadline.Until<string>(
            "an honest caller to be served", async () => await api.Send(Target.Api[2].Method, _tokens[0], [0, 0, 0, 0, 0], timeout: "10S") is "grpc 0" ? "served" : null,
            instead: server.Process.ToString);
    }

    private static async Task<Outcomes> Mutated(RawGrpc api, RawGrpc exchange, int count)
    {
        var outcomes = new Outcomes();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var chance = new Random(Seed + worker);
            var mutation = new Mutation(chance);
            for (var i = worker; i < count; i += Workers)
            {
                var isApi = chance.Next(3) > 0;
                var targets = isApi ? Target.Api : Target.Exchange;
                var target = targets[chance.Next(targets.Count)];
                var token = chance.Next(10) switch { 0 => "", 1 => Convert.ToBase64String(mutation.Garbage()), _ => _tokens[worker] };
                outcomes.Add(await (isApi ? api : exchange).Send(target.Method, token, mutation.Body(target.Messages)));
            }
        })));
        Assert.Equal(count, outcomes.Total);
        Assert.Equal(0, outcomes["grpc 2"]);
        return outcomes;
    }

    /// <summary>Sockets that say something that is no HTTP/2, or only nearly.</summary>
    private static async Task<Outcomes> Garbage(Server server, int count)
    {
        var (outcomes, mutation) = (new Outcomes(), new Mutation(new Random(Seed)));
        byte[] opening = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        for (var i = 0; i < count; i++)
        {
            using var socket = new TcpClient();
            var (uri, body) = (i % 2 == 0 ? server.Address : server.Exchange!, i % 3 == 0 ? mutation.Garbage() : [.. opening, .. mutation.Mutate(opening[24..])]);
            await socket.ConnectAsync(IPEndPoint.Parse(uri.Authority));
            await using var stream = socket.GetStream();
            try
            {
                await stream.WriteAsync(body);
                socket.Client.Shutdown(SocketShutdown.Send);
                using var patience = new CancellationTokenSource(Deadline.Soon);
                var answer = new byte[4096];
                while (await stream.ReadAsync(answer, patience.Token) > 0)
                {
                    // Frames that say good-bye.
                }

                outcomes.Add("hung up");
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                outcomes.Add("reset");
            }
        }

        return outcomes;
    }

    private static async Task<Outcomes> Oversize(RawGrpc api, RawGrpc exchange)
    {
        var outcomes = new Outcomes();
        foreach (var (channel, method) in ((RawGrpc, string)[])[(api, Target.Api[0].Method), (api, Target.Api[1].Method), (exchange, Target.Exchange[0].Method), (exchange, Target.Exchange[2].Method)])
        {
            foreach (var size in (int[])[5 << 20, 40 << 20])
            {
                byte[] body = [0, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. new byte[size]];
                var outcome = await channel.Send(method, _tokens[2], body, timeout: "10S");
                Assert.NotEqual("grpc 0", outcome);
                outcomes.Add(outcome);
            }
        }

        outcomes.Add("headers: " + await api.Send(Target.Api[1].Method, new string('a', 60_000), []));
        return outcomes;
    }

    /// <summary>Streams at both ports that begin and stand, and connections that say nothing at all.</summary>
    private static async Task<Outcomes> Idle(Server server, RawGrpc api, RawGrpc exchange, int streams, int connections)
    {
        var outcomes = new Outcomes();
        var sockets = await Task.WhenAll(Enumerable.Range(0, connections).Select(async i =>
        {
            var socket = new TcpClient();
            await socket.ConnectAsync(IPEndPoint.Parse((i % 2 == 0 ? server.Address : server.Exchange!).Authority));
            return socket;
        }));
        List<IDisposable?> open = [];
        for (var i = 0; i < streams; i += Workers)
        {
            open.AddRange(await Task.WhenAll(Enumerable.Range(i, Math.Min(Workers, streams - i)).Select(n => n % 2 == 0
                ? api.Open("/grpc.health.v1.Health/Watch", "", [0, 0, 0, 0], outcomes)
                : exchange.Open(Target.Exchange[0].Method, "", Framed(Target.Exchange[0].Messages[0]), outcomes))));
        }

        Say($"meanwhile, with {open.Count(stream => stream is not null)} streams begun: resident {Memory(server) >> 20} MiB");
        var answer = await api.Send(Target.Api[2].Method, _tokens[1], [0, 0, 0, 0, 0], timeout: "10S");
        Assert.True(answer == "grpc 0", $"an honest caller meanwhile: {answer}. {server.Process}");
        open.ForEach(stream => stream?.Dispose());
        Array.ForEach(sockets, socket => socket.Dispose());
        return outcomes;
    }

    /// <summary>They promise four megabytes and send them byte by byte.</summary>
    private static async Task<Outcomes> SlowWriters(Server server, int count)
    {
        var outcomes = new Outcomes();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var api = new RawGrpc(server.Address);
        var streams = await Task.WhenAll(Enumerable.Range(0, count).Select(i => api.Open(Target.Api[1].Method, _tokens[i % Workers], [0, 0, 0x3f, 0xff, 0xff], outcomes)));
        var sockets = await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            var socket = new TcpClient();
            await socket.ConnectAsync(IPEndPoint.Parse((i % 2 == 0 ? server.Address : server.Exchange!).Authority));
            return socket.GetStream();
        }));
        foreach (var part in "PRI * HTTP/2.0\r\n\r\n"u8.ToArray())
        {
            await ticks.WaitForNextTickAsync();
            await Task.WhenAll(sockets.Select(async socket =>
            {
                try
                {
                    await socket.WriteAsync(new[] { part });
                }
                catch (IOException)
                {
                    outcomes.Add("hung up on");
                }
            }));
        }

        Array.ForEach(streams, stream => stream?.Dispose());
        Array.ForEach(sockets, socket => socket.Dispose());
        return outcomes;
    }

    private static byte[] Framed(byte[] message) => [0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message];

    /// <summary>In bytes, as the kernel says.</summary>
    private static long Memory(Server server, string which = "VmRSS") => 1024 * long.Parse(
        File.ReadLines($"/proc/{server.Process.Id}/status").Single(line => line.StartsWith(which + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<=fail: .*)\b[A-Za-z.]+Exception: .{0,60}")]
    private static partial Regex Fault();

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
