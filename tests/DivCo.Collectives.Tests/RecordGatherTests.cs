namespace DivCo.Collectives.Tests;

public sealed class RecordGatherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_rank_gets_the_record_of_every_rank(int size)
    {
        // Rank 0 has nothing to say, the others need one message or several.
        var all = Ranks.RunLocally(size, communicator => Enumerable.Range(0, 3).Select(i => Gather(communicator, i, rank => rank * 200_001)).ToArray());
        Assert.All(all, rounds => Assert.All(rounds, records => Assert.Equal(
            Enumerable.Range(0, size).Select(rank => RecordOf(rank, rank * 200_001)), records)));
    }

    [Fact]
    public async Task Records_travel_between_processes_before_and_after_other_collectives()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        var quorum = ExchangeServer.QuorumOf([servers[0].Address, servers[0].Address, servers[1].Address]);
        var leaves = Leaves.Draw(4, length: 1000, seed: 1);
        var expected = NaiveTree.Sum(leaves)!.Bits();
        var equal = Ranks.Run(3, rank =>
        {
            using var communicator = servers[rank / 2].Hub.Join(quorum, rank, ExchangeTimeouts.Default, Cancellation);
            return Enumerable.Range(0, 10).All(i =>
                Gather(communicator, 2 * i, r => 32 * (r + i)).Select((record, r) => record.SequenceEqual(RecordOf(r, 32 * (r + i)))).All(same => same)
                && communicator.AllReduce(new Operation((2 * i) + 1, 0), leaves, 1000).Bits().SequenceEqual(expected));
        });
        Assert.All(equal, Assert.True);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_peer_that_sends_none_is_lost_to_those_who_wait()
    {
        var hub = new ExchangeHub();
        using var waiting = hub.Join(Ranks.LocalQuorum(2), 0, ExchangeTimeouts.Default, Cancellation);
        var lost = GrpcExchangeTests.OnThread(() => Assert.Throws<PeerLostException>(() => Gather(waiting, 0, _ => 32)));
        hub.Join(Ranks.LocalQuorum(2), 1, ExchangeTimeouts.Default, Cancellation).Dispose();
        Assert.Equal("silo/cpu001", (await lost).Member);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(300_000)]
    public async Task A_record_of_another_length_is_not_believed(int sent)
    {
        var hub = new ExchangeHub();
        using var communicator = hub.Join(Ranks.LocalQuorum(2), 0, ExchangeTimeouts.Default, Cancellation);
        using var peer = hub.Join(Ranks.LocalQuorum(2), 1, ExchangeTimeouts.Default, Cancellation);
        var disagreeing = GrpcExchangeTests.OnThread(() => Record.Exception(() => Gather(peer, 0, rank => rank == 1 ? sent : 32)));
        var lost = await GrpcExchangeTests.OnThread(() => Assert.Throws<PeerLostException>(() => Gather(communicator, 0, _ => 32)));
        Assert.Equal(1, lost.Rank);
        Assert.Contains("of its record, expected 32", lost.Message);
        communicator.Dispose();
        _ = await disagreeing;
    }

    [Fact]
    public void A_rank_brings_what_it_announced()
    {
        using var communicator = new ExchangeHub().Join(Ranks.LocalQuorum(2), 0, ExchangeTimeouts.Default, Cancellation);
        Assert.Contains("lengthOf says 2", Assert.Throws<ArgumentException>(() => communicator.GatherRecords(default, new byte[1], _ => 2)).Message);
        Assert.Contains("allowed: 0 to", Assert.Throws<ArgumentException>(() => communicator.GatherRecords(default, new byte[1], _ => -1)).Message);
    }

    private static byte[] RecordOf(int rank, int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 31) + rank))];

    private static IReadOnlyList<byte[]> Gather(Communicator communicator, long update, Func<int, int> lengthOf) =>
        communicator.GatherRecords(new Operation(update, 0), RecordOf(communicator.Rank, lengthOf(communicator.Rank)), lengthOf);
}
