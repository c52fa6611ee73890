using DivCo.Collectives.Links;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace DivCo.Collectives.Tests;

public sealed class GrpcExchangeTests
{
    private const int Length = 300_001;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ranks_behind_sockets_give_the_bits_of_the_naive_tree()
    {
        var leaves = Leaves.Draw(7, Length, seed: 1);
        var expected = NaiveTree.Sum(leaves)!.Bits();
        foreach (var size in (int[])[2, 3])
        {
            var servers = await ExchangeServer.StartManyAsync(size);
            var quorum = ExchangeServer.QuorumOf(servers);
            var equal = Ranks.Run(size, rank =>
            {
                using var communicator = servers[rank].Hub.Join(quorum, rank, ExchangeTimeouts.Default, Cancellation);
                return Enumerable.Range(0, 5).All(i => communicator.AllReduce(new Operation(i, 0), leaves, Length).Bits().SequenceEqual(expected));
            });
            Assert.All(equal, Assert.True);
            await DisposeAll(servers);
        }
    }

    [Fact]
    public async Task Two_devices_of_one_process_and_one_of_another_are_one_quorum()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        var quorum = ExchangeServer.QuorumOf([servers[0].Address, servers[0].Address, servers[1].Address]);
        var leaves = Leaves.Draw(4, Length, seed: 2);
        var expected = NaiveTree.Sum(leaves)!.Bits();
        var grid = new ShardGrid(2, 2);
        var equal = Ranks.Run(3, rank =>
        {
            using var communicator = servers[rank / 2].Hub.Join(quorum, rank, ExchangeTimeouts.Default, Cancellation);
            var own = ShardRanges.Of(4, 3, rank);
            var rows = communicator.GatherSlices(
                new Operation(0, 0), grid, Enumerable.Range(own.Start, own.Count).ToDictionary(s => s, s => leaves[s]), _ => Length);
            return rows.All(r => r.Value.Bits().SequenceEqual(leaves[r.Key].Bits()))
                && communicator.AllReduce(new Operation(0, 1), leaves, Length).Bits().SequenceEqual(expected);
        });
        Assert.All(equal, Assert.True);
        await DisposeAll(servers);
    }

    [Fact]
    public async Task A_peer_may_start_its_server_and_join_later()
    {
        await using var first = await ExchangeServer.StartAsync();
        var late = await ExchangeServer.StartAsync();
        var quorum = ExchangeServer.QuorumOf([first, late]);
        await late.DisposeAsync();

        var leaves = Leaves.Draw(2, length: 3, seed: 3);
        var expected = NaiveTree.Sum(leaves)!.Bits();
        using var early = first.Hub.Join(quorum, 0, ExchangeTimeouts.Default, Cancellation);
        var waiting = OnThread(() => early.AllReduce(new Operation(0, 0), leaves, 3));

        await using var again = await ExchangeServer.StartAsync(port: quorum.Addresses[1].Port);
        using var joiner = again.Hub.Join(quorum, 1, ExchangeTimeouts.Default, Cancellation);
        var joining = OnThread(() => joiner.AllReduce(new Operation(0, 0), leaves, 3));
        Assert.All(await Task.WhenAll(waiting, joining), sum => Assert.Equal(expected, sum.Bits()));
    }

    [Fact]
    public async Task A_rank_that_leaves_after_its_last_operation_still_delivers_what_it_sent()
    {
        // Rank 0 finishes all chunks that fit one message, so rank 1 lives on what rank 0 sent before it was disposed.
        for (var repetition = 0; repetition < 20; repetition++)
        {
            var servers = await ExchangeServer.StartManyAsync(2);
            var quorum = ExchangeServer.QuorumOf(servers, (uint)repetition);
            var leaves = Leaves.Draw(2, length: 500, seed: repetition);
            var expected = NaiveTree.Sum(leaves)!.Bits();
            var results = Ranks.Run(2, rank =>
            {
                using var communicator = servers[rank].Hub.Join(quorum, rank, ExchangeTimeouts.Default, Cancellation);
                return communicator.AllReduce(new Operation(0, 0), leaves, 500).Bits();
            });
            Assert.All(results, bits => Assert.Equal(expected, bits));
            await DisposeAll(servers);
        }
    }

    [Fact]
    public async Task Kestrel_reads_into_large_blocks()
    {
        await using var server = await ExchangeServer.StartAsync();
        using var pool = server.Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();
        using var block = pool.Rent(1);
        Assert.Equal(SocketBlockPool.BlockBytes, block.Memory.Length);
    }

    internal static Task<T> OnThread<T>(Func<T> work) => Task.Factory.StartNew(work, Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static async Task DisposeAll(IEnumerable<ExchangeServer> servers)
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }
}
