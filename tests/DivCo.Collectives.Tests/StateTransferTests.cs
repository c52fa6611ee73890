using System.Security.Cryptography;

namespace DivCo.Collectives.Tests;

/// <summary>A state on its way between processes, behind real sockets: whole, or the source is lost with the reason.</summary>
public sealed class StateTransferTests
{
    private const int Large = 64 << 20;

    private static readonly Uri _nowhere = new("http://127.0.0.1:9/");
    private static readonly ExchangeTimeouts _patient = new() { Peer = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000_001)]
    public async Task Several_receivers_get_the_whole_state(int bytes)
    {
        await using var server = await ExchangeServer.StartAsync();
        var state = new OfferedState(bytes);
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        var hashes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OnThread(() => Receive(new ExchangeHub(), server.Address, epoch: 3))));
        Assert.All(hashes, hash => Assert.Equal((state.Bytes, 7, state.Sha256, state.Sha256), hash));
        Assert.Equal(0, server.Hub.StaleStreams);
    }

    [Fact]
    public async Task A_source_in_the_same_process_is_read_without_a_socket()
    {
        var hub = new ExchangeHub();
        var state = new OfferedState(10_000_000);
        using var offer = hub.OfferState(OfferedState.Trial, 3, state.Offer);
        Assert.Equal((state.Bytes, 7, state.Sha256, state.Sha256), await OnThread(() => Receive(hub, _nowhere, epoch: 3)));
    }

    [Fact]
    public async Task A_receiver_that_comes_first_waits_for_the_offer()
    {
        await using var server = await ExchangeServer.StartAsync();
        await using var wire = new Wire(server.Address);
        var state = new OfferedState(1000);
        var receiving = OnThread(() => Receive(new ExchangeHub(), wire.Address, epoch: 3));
        await wire.CarriedAsync(1, Cancellation);
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        Assert.Equal(state.Sha256, (await receiving).Actual);
    }

    [Fact]
    public async Task A_source_that_never_offers_or_is_not_there_is_lost_after_its_timeout()
    {
        await using var server = await ExchangeServer.StartAsync();
        var quick = new ExchangeTimeouts { Peer = TimeSpan.FromSeconds(1), Join = TimeSpan.FromSeconds(1) };
        Assert.Contains("no state for epoch 3 of sweep/0 is offered here yet", (await LostAsync(server.Address, 3, quick)).Message);
        var gone = await LostAsync(_nowhere, 3, quick);
        Assert.Equal((-1, OfferedState.Source), (gone.Rank, gone.Member));
        Assert.Contains("http://127.0.0.1:9/", gone.Message);
    }

    [Fact]
    public async Task Stale_epochs_and_other_sources_are_refused_at_once_and_counted()
    {
        await using var server = await ExchangeServer.StartAsync();
        var state = new OfferedState(1000);
        var offer = server.Hub.OfferState(OfferedState.Trial, 8, state.Offer);
        Assert.Contains("epoch 7 of sweep/0 is over", (await LostAsync(server.Address, 7, _patient)).Message);
        Assert.Contains("is offered by silo/cpu000 here, not by silo/cpu001", (await LostAsync(server.Address, 8, _patient, "silo/cpu001")).Message);
        Assert.Throws<InvalidOperationException>(() => server.Hub.OfferState(OfferedState.Trial, 8, state.Offer));

        offer.Dispose();
        Assert.Contains("is no longer offered", (await LostAsync(server.Address, 8, _patient)).Message);
        using var joined = server.Hub.Join(ExchangeServer.QuorumOf([server], epoch: 9), 0, _patient, Cancellation);
        Assert.Contains("this process trains in epoch 9", (await LostAsync(server.Address, 9, _patient)).Message);
        Assert.Throws<InvalidOperationException>(() => server.Hub.OfferState(OfferedState.Trial, 9, state.Offer));
        Assert.Equal(4, server.Hub.StaleStreams);
        Assert.Equal(0, state.Written);
    }

    [Fact]
    public async Task A_source_killed_in_the_middle_is_lost_at_once()
    {
        await using var server = await ExchangeServer.StartAsync();
        await using var wire = new Wire(server.Address);
        var state = new OfferedState(Large);
        var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        using var stream = await OnThread(() => Fetch(new ExchangeHub(), wire.Address, 3, _patient, Cancellation));
        Read(stream, 1000);
        wire.Cut();
        await server.KillAsync();
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => Drain(stream)));
        Assert.Equal(OfferedState.Source, lost.Member);
        Assert.Contains("while receiving its state for epoch 3 of sweep/0", lost.Message);
        offer.Dispose();
        Assert.Equal(0, state.Writers);
    }

    [Fact]
    public async Task A_silent_source_is_lost_after_the_peer_timeout()
    {
        await using var server = await ExchangeServer.StartAsync();
        await using var wire = new Wire(server.Address);
        var state = new OfferedState(Large);
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        using var stream = await OnThread(() => Fetch(new ExchangeHub(), wire.Address, 3, new ExchangeTimeouts { Peer = TimeSpan.FromSeconds(2) }, Cancellation));
        wire.Pause();
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => Drain(stream)));
        Assert.Contains("silent for 2 s", lost.Message);
    }

    [Fact]
    public async Task A_slow_receiver_slows_the_source_and_gets_it_all()
    {
        const long Bound = 32 << 20;
        await using var server = await ExchangeServer.StartAsync();
        var state = new OfferedState(2 * Large);
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        var (hash, ahead) = await OnThread(() =>
        {
            using var stream = Fetch(new ExchangeHub(), server.Address, 3, _patient, Cancellation);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (buffer, ahead) = (new byte[1 << 20], 0L);
            for (int read; (read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
            {
                // What it does with a piece takes longer than its way here.
                Cancellation.WaitHandle.WaitOne(5);
                hash.AppendData(buffer, 0, read);
                ahead = Math.Max(ahead, state.Written - stream.Position);
            }

            return (Convert.ToHexStringLower(hash.GetCurrentHash()), ahead);
        });
        Assert.Equal(state.Sha256, hash);
        Assert.InRange(ahead, 1, Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_offer_that_is_revoked_is_left_before_the_revocation_returns(bool sameProcess)
    {
        await using var server = await ExchangeServer.StartAsync();
        var state = new OfferedState(Large);
        var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        using var stream = await OnThread(() => Fetch(sameProcess ? server.Hub : new ExchangeHub(), server.Address, 3, _patient, Cancellation));
        Read(stream, 1000);
        offer.Dispose();
        Assert.Equal(0, state.Writers);
        var written = state.Written;
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => Drain(stream)));

        // One that takes nothing at that moment may not hear the reason: its call is reset.
        Assert.Equal(OfferedState.Source, lost.Member);
        if (sameProcess)
        {
            Assert.Contains("no longer offers its state for epoch 3", lost.Message);
        }

        Assert.Equal(written, state.Written);
    }

    [Fact]
    public async Task Transfers_are_bounded_in_number_and_the_next_one_gets_its_turn()
    {
        await using var server = await ExchangeServer.StartAsync(new ExchangeHub { MaxStateTransfers = 1 });
        await using var wire = new Wire(server.Address);
        var state = new OfferedState(Large);
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        var first = await OnThread(() => Fetch(new ExchangeHub(), server.Address, 3, _patient, Cancellation));
        var second = OnThread(() => Receive(new ExchangeHub(), wire.Address, epoch: 3));
        await wire.CarriedAsync(1, Cancellation);
        Assert.Equal(1, state.Writers);
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.Equal(state.Sha256, (await second).Actual);
    }

    [Fact]
    public async Task A_receiver_that_takes_nothing_does_not_hold_the_state_for_ever()
    {
        await using var server = await ExchangeServer.StartAsync(new ExchangeHub { StateStallTimeout = TimeSpan.FromSeconds(1) });
        var state = new OfferedState(Large);
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, state.Offer);
        using var stream = await OnThread(() => Fetch(new ExchangeHub(), server.Address, 3, _patient, Cancellation));
        Assert.IsType<TimeoutException>(await state.Ended);
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => Drain(stream)));
        Assert.Equal(OfferedState.Source, lost.Member);
        Assert.Equal(0, state.Writers);
    }

    [Theory]
    [InlineData(999)]
    [InlineData(1001)]
    public async Task A_source_that_sends_another_length_than_it_said_is_not_believed(int said)
    {
        await using var server = await ExchangeServer.StartAsync();
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, new OfferedState(1000).Offer with { Bytes = said });
        var lost = await OnThread(() => Assert.Throws<PeerLostException>(() => Receive(new ExchangeHub(), server.Address, epoch: 3)));
        Assert.Contains($"1000 bytes of a state of {said}", lost.Message);
    }

    [Fact]
    public async Task The_abort_ends_waiting_and_reading()
    {
        await using var server = await ExchangeServer.StartAsync();
        await using var wire = new Wire(server.Address);
        using var abort = new CancellationTokenSource();
        var waiting = OnThread(() => Record.Exception(() => Fetch(new ExchangeHub(), wire.Address, 4, _patient, abort.Token)));
        using var offer = server.Hub.OfferState(OfferedState.Trial, 3, new OfferedState(Large).Offer);
        using var stream = await OnThread(() => Fetch(new ExchangeHub(), server.Address, 3, _patient, abort.Token));
        await wire.CarriedAsync(1, Cancellation);
        await abort.CancelAsync();
        Assert.IsType<OperationCanceledException>(await waiting);
        Assert.IsType<OperationCanceledException>(await OnThread(() => Record.Exception(() => Drain(stream))));
    }

    private static StateStream Fetch(ExchangeHub hub, Uri address, uint epoch, ExchangeTimeouts timeouts, CancellationToken abort, string source = OfferedState.Source) =>
        hub.FetchState(OfferedState.Trial, epoch, source, address, timeouts, abort);

    private static (long Bytes, long Updates, string Announced, string Actual) Receive(ExchangeHub hub, Uri address, uint epoch)
    {
        using var stream = Fetch(hub, address, epoch, _patient, Cancellation);
        return (stream.Bytes, stream.Updates, stream.Sha256, Drain(stream));
    }

    private static string Drain(StateStream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));

    private static void Read(StateStream stream, int bytes) => stream.ReadExactly(new byte[bytes]);

    private static Task<PeerLostException> LostAsync(Uri address, uint epoch, ExchangeTimeouts timeouts, string source = OfferedState.Source) =>
        OnThread(() => Assert.Throws<PeerLostException>(() => Fetch(new ExchangeHub(), address, epoch, timeouts, Cancellation, source)));

    private static Task<T> OnThread<T>(Func<T> work) => GrpcExchangeTests.OnThread(work);
}
