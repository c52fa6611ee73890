using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DivCo.Cluster.Offline;

namespace DivCo.Cluster.Bench;

/// <summary>
/// <c>divco-server bench allreduce</c>: the all-reduce between threads or processes, beside gloo's, plain sockets and a plain copy of the same size. They take
/// turns, so that what else the machine does meets all of them.
/// </summary>
internal static class AllReduceCommand
{
    private const long BytesOfRound = 256L << 20;
    private const int MinOperations = 3, MaxOperations = 100, WarmUp = 3;

    public static Command Create() => new Command("allreduce", "Time all-reduces beside gloo's, plain sockets and a plain copy; each result is checked. Prints one JSON object.")
    {
        BenchOptions.Ranks, BenchOptions.Bytes, BenchOptions.Link, BenchOptions.Transport, BenchOptions.Repeats,
    }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel) => Console.Out.WriteLine(Measure(
        BenchOptions.RanksOf(parsed),
        BenchOptions.BytesOf(parsed),
        BenchOptions.OneOf(parsed, BenchOptions.Link, BenchOptions.Links),
        BenchOptions.OneOf(parsed, BenchOptions.Transport, BenchOptions.Transports),
        BenchOptions.RepeatsOf(parsed),
        cancel).GetAwaiter().GetResult().ToJsonString());

    private static async Task<JsonObject> Measure(int ranks, long bytes, string link, string transport, int repeats, CancellationToken cancel)
    {
        var load = Machine.Load();
        using var own = await Start(ranks, bytes, link, transport, cancel);
        var (gloo, version) = await GlooReference.Start(ranks, bytes, cancel);
        using var reference = gloo;
        var operations = (int)Math.Clamp(BytesOfRound / bytes, MinOperations, MaxOperations);
        List<double> reduced = [], byGloo = [], exchanged = [], copied = [];
        var allocated = 0L;
        for (var round = -1; round < repeats; round++)
        {
            var warm = round >= 0;
            var times = warm ? operations : WarmUp;
            var answers = await own.Round($"allreduce {times}", cancel);
            Add(reduced, RoundGroup.Slowest(answers));
            allocated += warm ? answers.Sum(answer => answer.GetProperty("allocated").GetInt64()) : 0;
            Add(byGloo, gloo is null ? [] : await gloo.Seconds($"{times}", cancel));
            Add(exchanged, ranks > 1 ? await own.Seconds($"sockets {times}", cancel) : []);
            Add(copied, await own.Seconds($"copy {times}", cancel));

            void Add(List<double> all, IReadOnlyList<double> some) => all.AddRange(warm ? some : []);
        }

        var result = Bandwidth.AllReduce(reduced, bytes, ranks);
        result["checked"] = reduced.Count;
        result["allocated_bytes_per_operation"] = allocated / reduced.Count;
        return new JsonObject
        {
            ["bench"] = "allreduce",
            ["ranks"] = ranks,
            ["bytes"] = bytes,
            ["link"] = link,
            ["transport"] = link == BenchOptions.Local ? null : transport,
            ["machine"] = Machine.ToJson(load),
            ["allreduce"] = result,
            ["references"] = new JsonObject
            {
                ["gloo"] = gloo is null ? new JsonObject { ["missing"] = version } : Compared(Bandwidth.AllReduce(byGloo, bytes, ranks), byGloo, version),
                ["sockets"] = ranks > 1 ? Compared(Bandwidth.Plain(exchanged, bytes), exchanged, transport == BenchOptions.Tcp && link != BenchOptions.Local ? "tcp" : "unix") : null,
                ["copy"] = Compared(Bandwidth.Plain(copied, bytes), copied, "one thread"),
            },
        };

        JsonObject Compared(JsonObject measured, IReadOnlyList<double> seconds, string by)
        {
            measured["by"] = by;
            measured["allreduce_to_this"] = Spread.Rounded(Spread.Of(seconds).Median / Spread.Of(reduced).Median);
            return measured;
        }
    }

    private static async Task<RoundGroup> Start(int ranks, long bytes, string link, string transport, CancellationToken cancel)
    {
        var (processes, held) = link == BenchOptions.Local ? (1, ranks) : (ranks, 1);
        var group = new RoundGroup([.. Enumerable.Range(0, processes).Select(i => RoundProcess.StartSelf(
            $"rank {i}", "bench", "rank", "--first", $"{i}", "--held", $"{held}", "--ranks", $"{ranks}", "--bytes", $"{bytes}", "--transport", transport))]);
        try
        {
            var answers = await group.Answers(cancel);
            var addresses = Enumerable.Range(0, ranks).Select(rank => answers[rank / held].GetProperty("address").GetString());
            await group.Round(JsonSerializer.Serialize(new { addresses, socket = answers[0].GetProperty("socket").GetString() }), cancel);
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }
}
