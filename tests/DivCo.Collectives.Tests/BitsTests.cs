using CsCheck;

namespace DivCo.Collectives.Tests;

/// <summary>The promise: the same bits for any number of ranks, over any links, for any grid and any absent shards.</summary>
public sealed class BitsTests
{
    private static readonly int[] Sizes = [1, 2, 3, 5, 8];

    private static readonly Gen<(ShardGrid Grid, int Length, int Seed, long Present)> Cases =
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 4], Gen.Int[1, 5000], Gen.Int, Gen.Long)
            .Select((data, negatives, length, seed, present) => (new ShardGrid(data, negatives), length, seed, present));

    [Fact]
    public void Over_local_links() =>
        Cases.Sample(
            c => Sizes.All(size =>
            {
                var (leaves, expected) = LeavesOf(c);
                return Ranks.RunLocally(size, communicator => SumAndGather(communicator, c.Grid, leaves, c.Length, expected)).All(ok => ok);
            }),
            iter: 100,
            threads: 1);

    [Fact]
    public async Task Over_sockets()
    {
        var servers = await ExchangeServer.StartManyAsync(Sizes.Max());
        var epoch = 0u;
        Cases.Sample(
            c => Sizes.All(size =>
            {
                var (leaves, expected) = LeavesOf(c);
                var quorum = ExchangeServer.QuorumOf(servers[..size], ++epoch);
                return Ranks.Run(size, rank =>
                {
                    using var communicator = servers[rank].Hub.Join(quorum, rank, ExchangeTimeouts.Default, TestContext.Current.CancellationToken);
                    return SumAndGather(communicator, c.Grid, leaves, c.Length, expected);
                }).All(ok => ok);
            }),
            iter: 10,
            threads: 1);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private static (float[]?[] Leaves, float[] Expected) LeavesOf((ShardGrid Grid, int Length, int Seed, long Present) c)
    {
        // At least shard 0 contributes, as in any update.
        float[]?[] leaves = Leaves.Draw(c.Grid.Count, c.Length, c.Seed);
        for (var shard = 1; shard < leaves.Length; shard++)
        {
            leaves[shard] = (c.Present >> shard & 1) == 1 ? leaves[shard] : null;
        }

        return (leaves, NaiveTree.Sum(leaves)!);
    }

    private static bool SumAndGather(Communicator communicator, ShardGrid grid, float[]?[] leaves, int length, float[] expected)
    {
        var own = ShardRanges.Of(grid.Count, communicator.Size, communicator.Rank);
        var rows = communicator.GatherSlices(
            new Operation(0, 0), grid, Enumerable.Range(own.Start, own.Count).ToDictionary(s => s, RowsOf), shard => RowsOf(shard).Length);
        var slices = Enumerable.Range(own.Start, own.Count).Select(grid.SliceOf).Distinct().Count();
        return rows.Count == slices * grid.Negatives
            && rows.All(r => r.Value.AsSpan().SequenceEqual(RowsOf(r.Key)))
            && communicator.AllReduce(new Operation(0, 1), leaves, length).Bits().SequenceEqual(expected.Bits());
    }

    private static float[] RowsOf(int shard) => [.. Enumerable.Range(0, shard * 7).Select(i => shard + (i * 0.25f))];
}
