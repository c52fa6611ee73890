using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using DivCo.Cluster.Offline;
using DivCo.Collectives;
using DivCo.Collectives.Bench;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DivCo.Cluster.Bench;

/// <summary>
/// <c>divco-server bench rank</c>: a process of an all-reduce benchmark, which holds one rank or all of them. It says where it is reached, is told where the
/// others are, and then measures what each line asks for.
/// </summary>
internal static class RankCommand
{
    private static readonly Option<int> _first = new("--first") { Description = "The first rank held here" };
    private static readonly Option<int> _held = new("--held") { DefaultValueFactory = _ => 1, Description = "How many are held here" };

    public static Command Create() => new Command("rank", "One process of an all-reduce benchmark; started by it.")
    {
        _first, _held, BenchOptions.Ranks, BenchOptions.Bytes, BenchOptions.Transport,
    }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel)
    {
        var (first, held) = (parsed.GetValue(_first), parsed.GetValue(_held));
        var (ranks, bytes) = (BenchOptions.RanksOf(parsed), BenchOptions.BytesOf(parsed));
        var transport = BenchOptions.OneOf(parsed, BenchOptions.Transport, BenchOptions.Transports);

        // 1. Where this process is.
        using var app = Serve(transport, cancel, out var address);
        using var listener = first == 0 ? SocketPair.Listen(transport) : null;
        Say(new { address, socket = listener is null ? null : SocketPair.AddressOf(listener) });

        // 2. Where the others are.
        var meeting = JsonDocument.Parse(Console.In.ReadLine() ?? throw new OfflineException("nobody said where the other ranks are")).RootElement;
        Uri[] addresses = [.. meeting.GetProperty("addresses").EnumerateArray().Select(one => new Uri(one.GetString()!))];
        var quorum = new Quorum("bench/0", 1, [.. Enumerable.Range(0, ranks).Select(rank => $"bench/cpu{rank:D3}")], addresses);
        using var bench = new RankBench(app.Services.GetRequiredService<ExchangeHub>(), quorum, first, held, (int)(bytes / sizeof(float)));
        SocketPair[] ends = [.. Connect(listener, meeting.GetProperty("socket").GetString()!, first, held, ranks, bytes)];
        Say(new { });

        // 3. What is asked for, until nobody asks any more.
        var (source, copy) = (new byte[first == 0 ? bytes : 0], new byte[first == 0 ? bytes : 0]);
        while (Console.In.ReadLine()?.Split(' ') is [var what, var count])
        {
            var times = int.Parse(count);
            switch (what)
            {
                case "allreduce":
                    var round = bench.AllReduce(times);
                    Say(new { seconds = round.Seconds, allocated = round.AllocatedBytes });
                    break;
                case "sockets":
                    var each = ends.AsParallel().WithDegreeOfParallelism(2).Select(end => end.Exchange(times)).ToArray();
                    Say(new { seconds = each.Length == 0 ? [] : Enumerable.Range(0, times).Select(i => each.Max(one => one[i])) });
                    break;
                default:
                    Say(new { seconds = first == 0 ? Copies(source, copy, times) : [] });
                    break;
            }
        }

        Array.ForEach(ends, end => end.Dispose());
    }

    /// <summary>The ends of the plain connection between ranks 0 and 1 that are held here: one, or both, or none.</summary>
    private static IEnumerable<SocketPair> Connect(System.Net.Sockets.Socket? listener, string address, int first, int held, int ranks, long bytes)
    {
        if (ranks > 1 && first <= 1 && first + held > 1)
        {
            yield return SocketPair.Connect(address, bytes);
        }

        if (ranks > 1 && listener is not null)
        {
            yield return SocketPair.Accept(listener, bytes);
        }
    }

    private static double[] Copies(byte[] source, byte[] copy, int times)
    {
        source.CopyTo(copy, 0); // memory that was never written is not there yet
        return [.. Enumerable.Range(0, times).Select(_ =>
        {
            var began = Stopwatch.GetTimestamp();
            source.CopyTo(copy, 0);
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        })];
    }

    private static WebApplication Serve(string transport, CancellationToken cancel, out string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = FreePort();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(LocalSocket.Beside(new Uri($"http://127.0.0.1:{port}"))!, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(new ExchangeHub { Transport = Enum.Parse<ExchangeTransport>(transport, ignoreCase: true) });
        builder.Services.AddGradientExchange();
        var app = builder.Build();
        app.MapGradientExchange();
        app.StartAsync(cancel).GetAwaiter().GetResult();
        address = $"http://127.0.0.1:{port}";
        return app;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Say<T>(T answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer));
}
