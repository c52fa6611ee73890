namespace DivCo.Collectives.Tests;

/// <summary>Peers that die, fall silent, come late or come back, behind real sockets.</summary>
public sealed class PeerLossTests
{
    private const int Length = 2_000_000;

    private static readonly ExchangeTimeouts Patient = new() { Peer = TimeSpan.FromSeconds(30) };

    private static readonly ExchangeTimeouts Quick = new() { Peer = TimeSpan.FromSeconds(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_killed_in_the_middle_of_an_all_reduce_is_lost_at_once_to_all()
    {
        // The wire sees what is sent: sums in memory would pass it by.
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ExchangeServer.StartAsync(new ExchangeHub { Transport = ExchangeTransport.Tcp })));
        var wire = new Wire(servers[2].Address);
        var quorum = ExchangeServer.QuorumOf([servers[0].Address, servers[1].Address, wire.Address]);
        var communicators = Enumerable.Range(0, 3).Select(rank => servers[rank].Hub.Join(quorum, rank, Patient, Cancellation)).ToArray();
        var leaves = Leaves.Draw(3, Length, seed: 1);

        // Ranks 0 and 1 are in the middle, each with the other's part, and need rank 2.
        var waiting = communicators[..2].Select(c => OnThread(() => Record.Exception(() => c.AllReduce(new Operation(0, 0), leaves, Length)))).ToArray();
        await wire.CarriedAsync(Length, Cancellation);
        wire.Cut();
        await servers[2].KillAsync();

        Assert.All(await Task.WhenAll(waiting), error => Assert.Equal("silo/cpu002", Assert.IsType<PeerLostException>(error).Member));
        await DisposeAll(communicators);
        await wire.DisposeAsync();
        await DisposeAll(servers);
    }

    [Fact]
    public async Task A_paused_peer_is_lost_after_the_peer_timeout()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        Wire[] wires = [new(servers[0].Address), new(servers[1].Address)];
        var quorum = ExchangeServer.QuorumOf([wires[0].Address, wires[1].Address]);
        var communicators = Enumerable.Range(0, 2).Select(rank => servers[rank].Hub.Join(quorum, rank, Quick, Cancellation)).ToArray();
        var leaves = Leaves.Draw(2, length: 10, seed: 1);
        var sums = await Task.WhenAll(communicators.Select(c => OnThread(() => c.AllReduce(new Operation(0, 0), leaves, 10))));
        Assert.Equal(sums[0].Bits(), sums[1].Bits());

        foreach (var wire in wires)
        {
            wire.Pause();
        }

        var errors = await Task.WhenAll(communicators.Select(c => OnThread(() => Record.Exception(() => c.AllReduce(new Operation(1, 0), leaves, 10)))));
        for (var rank = 0; rank < 2; rank++)
        {
            var lost = Assert.IsType<PeerLostException>(errors[rank]);
            Assert.Equal(1 - rank, lost.Rank);
            Assert.Contains("silent for 1 s", lost.Message);
            Assert.Contains("update 1, bucket 0", lost.Message);
        }

        await DisposeAll(communicators);
        await DisposeAll(wires);
        await DisposeAll(servers);
    }

    [Fact]
    public async Task A_peer_that_computes_for_longer_than_the_timeout_is_not_lost()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        var quorum = ExchangeServer.QuorumOf(servers);
        var communicators = Enumerable.Range(0, 2).Select(rank => servers[rank].Hub.Join(quorum, rank, Quick, Cancellation)).ToArray();
        var leaves = Leaves.Draw(2, length: 10, seed: 1);
        var waiting = OnThread(() => communicators[0].AllReduce(new Operation(0, 0), leaves, 10));

        // Three peer timeouts pass on the clock that the exchange itself looks at.
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(Quick.Peer * 3, Cancellation)));
        Assert.Equal(
            (await OnThread(() => communicators[1].AllReduce(new Operation(0, 0), leaves, 10))).Bits(), (await waiting).Bits());
        await DisposeAll(communicators);
        await DisposeAll(servers);
    }

    [Fact]
    public async Task A_peer_that_never_joins_is_named_after_the_join_timeout()
    {
        await using var server = await ExchangeServer.StartAsync();
        var quorum = ExchangeServer.QuorumOf([server.Address, new Uri("http://127.0.0.1:9/")]);
        using var communicator = server.Hub.Join(quorum, 0, new ExchangeTimeouts { Join = TimeSpan.FromSeconds(1) }, Cancellation);
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => communicator.AllReduce(new Operation(0, 0), new float[]?[2], 10)));
        Assert.Equal(1, lost.Rank);
        Assert.Contains("silo/cpu001", lost.Message);
    }

    [Fact]
    public async Task The_abort_ends_a_wait_and_the_peers_learn_why()
    {
        var servers = await ExchangeServer.StartManyAsync(3);
        var quorum = ExchangeServer.QuorumOf(servers);
        using var abort = new CancellationTokenSource();
        var communicators = Enumerable.Range(0, 3)
            .Select(rank => servers[rank].Hub.Join(quorum, rank, Patient, rank == 0 ? abort.Token : Cancellation)).ToArray();
        var leaves = Leaves.Draw(3, length: 10, seed: 1);
        var aborted = OnThread(() =>
        {
            using var communicator = communicators[0];
            return Record.Exception(() => communicator.AllReduce(new Operation(0, 0), leaves, 10));
        });
        var peer = OnThread(() => Record.Exception(() => communicators[1].AllReduce(new Operation(0, 0), leaves, 10)));
        await abort.CancelAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await aborted);
        var lost = Assert.IsType<PeerLostException>(await peer);
        Assert.Equal(0, lost.Rank);
        Assert.Contains("told to stop", lost.Message);
        await DisposeAll(communicators);
        await DisposeAll(servers);
    }

    [Fact]
    public async Task A_stale_epoch_is_refused_and_counted()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        using var newer = servers[0].Hub.Join(ExchangeServer.QuorumOf([servers[0]], epoch: 8), 0, Quick, Cancellation);
        var stale = ExchangeServer.QuorumOf(servers, epoch: 7);
        using var woken = servers[1].Hub.Join(stale, 1, Patient, Cancellation);

        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => woken.AllReduce(new Operation(0, 0), Leaves.Draw(2, 10, seed: 1), 10)));
        Assert.Contains("quorum 7 of sweep/0 is over", lost.Message);
        Assert.Equal(1, servers[0].Hub.StaleStreams);
        Assert.Contains("refused", Assert.Throws<InvalidOperationException>(() => servers[0].Hub.Join(stale, 0, Quick, Cancellation)).Message);
        await DisposeAll(servers);
    }

    [Fact]
    public async Task A_newer_epoch_is_parked_and_delivered_when_its_rank_joins()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        var older = servers[0].Hub.Join(ExchangeServer.QuorumOf([servers[0]], epoch: 7), 0, Patient, Cancellation);
        var next = ExchangeServer.QuorumOf(servers, epoch: 8);
        using var ahead = servers[1].Hub.Join(next, 1, Patient, Cancellation);
        var leaves = Leaves.Draw(2, Length, seed: 1);
        var waiting = OnThread(() => ahead.AllReduce(new Operation(0, 0), leaves, Length));
        while (servers[0].Hub.ParkedStreams == 0)
        {
            await Task.Delay(5, Cancellation);
        }

        older.Dispose();
        using var joined = servers[0].Hub.Join(next, 0, Patient, Cancellation);
        var sum = await OnThread(() => joined.AllReduce(new Operation(0, 0), leaves, Length));
        Assert.Equal(NaiveTree.Sum(leaves)!.Bits(), sum.Bits());
        Assert.Equal(sum.Bits(), (await waiting).Bits());
        Assert.Equal(0, servers[0].Hub.StaleStreams);
        await DisposeAll(servers);
    }

    [Fact]
    public async Task Parking_is_bounded_in_time_and_number()
    {
        await using var server = await ExchangeServer.StartAsync(new ExchangeHub { ParkTimeout = TimeSpan.FromMilliseconds(300), MaxParkedStreams = 1 });
        await using var other = await ExchangeServer.StartAsync();
        var quorum = ExchangeServer.QuorumOf([server.Address, server.Address, other.Address]);
        using var communicator = other.Hub.Join(quorum, 2, Patient, Cancellation);
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => communicator.AllReduce(new Operation(0, 0), Leaves.Draw(3, 10, seed: 1), 10)));
        Assert.Matches("1 streams wait for their ranks already|waited 0.3 s: no rank has joined quorum 1 of sweep/0 here yet", lost.Message);
        Assert.Equal(0, server.Hub.StaleStreams);
    }

    private static Task<T> OnThread<T>(Func<T> work) => GrpcExchangeTests.OnThread(work);

    private static async Task DisposeAll(IEnumerable<Communicator> communicators)
    {
        foreach (var communicator in communicators)
        {
            await OnThread(() =>
            {
                communicator.Dispose();
                return true;
            });
        }
    }

    private static async Task DisposeAll(IEnumerable<IAsyncDisposable> servers)
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }
}
