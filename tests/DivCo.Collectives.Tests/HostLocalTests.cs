using System.Net.Sockets;
using DivCo.Collectives.Links;

namespace DivCo.Collectives.Tests;

/// <summary>Ranks of two processes on one host: by Unix sockets, and with sums in mapped memory.</summary>
public sealed class HostLocalTests
{
    private const int Length = 300_001;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ExchangeTransport.Tcp, 2)]
    [InlineData(ExchangeTransport.Unix, 2)]
    [InlineData(ExchangeTransport.Shm, 2)]
    [InlineData(ExchangeTransport.Shm, 3)]
    public async Task Every_transport_gives_the_bits_of_the_naive_tree(ExchangeTransport transport, int size)
    {
        var leaves = Leaves.Draw(7, Length, seed: 5);
        leaves[1] = null!;
        var expected = NaiveTree.Sum(leaves)!.Bits();
        var servers = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => ExchangeServer.StartAsync(new ExchangeHub { Transport = transport }, port: FreePort(), unix: true)));
        var quorum = ExchangeServer.QuorumOf(servers);
        var equal = Ranks.Run(size, rank =>
        {
            using var communicator = servers[rank].Hub.Join(quorum, rank, ExchangeTimeouts.Default, Cancellation);
            return Enumerable.Range(0, 5).All(i => communicator.AllReduce(new Operation(i, 0), leaves, Length).Bits().SequenceEqual(expected))
                && communicator.ReadersOfMemory == (transport == ExchangeTransport.Shm ? size - 1 : 0);
        });
        Assert.All(equal, Assert.True);
        Array.ForEach(servers, server => Assert.Equal(transport != ExchangeTransport.Tcp, server.SawUnix));
        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
    }

    [Fact]
    public void A_block_is_filled_again_when_nobody_holds_it()
    {
        using var memory = MappedMemory.Create()!;
        var (process, file, nonce) = memory.Key;
        using var peer = MappedMemory.Open(process, file, nonce)!;
        Assert.Null(MappedMemory.Open(process, file, nonce + 1));
        Assert.Null(MappedMemory.Open(process, 0, nonce));

        var first = memory.Rent(4)!;
        first.As<int>()[0] = 42;
        memory.Hold(first.Block);
        first.Release();
        Assert.NotEqual(first.Block, memory.Rent(4)!.Block);
        var read = Payload.In(peer, first.Block, 4, isOwn: false);
        Assert.Equal(42, read.As<int>()[0]);
        read.Release();
        Assert.Equal(first.Block, memory.Rent(4)!.Block);
    }

    [Fact]
    public void When_all_blocks_are_held_there_is_none()
    {
        using var memory = MappedMemory.Create()!;
        Assert.Equal(MappedMemory.Blocks, Enumerable.Range(0, MappedMemory.Blocks).Select(_ => memory.Rent(1)!.Block).Distinct().Count());
        Assert.Null(memory.Rent(1));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(MappedMemory.Blocks + 1, 4)]
    [InlineData(-1, 4)]
    [InlineData(1, 0)]
    [InlineData(1, Payload.MaxBytes + 1)]
    public void A_block_that_is_none_is_not_believed(int block, int bytes)
    {
        using var memory = MappedMemory.Create()!;
        var message = new ExchangeMessage { Kind = MessageKind.Contribution, Epoch = 1, QuorumHash = 1, Block = block, BlockBytes = bytes };
        if (block == 0)
        {
            message.Resolve(memory);
            Assert.Null(message.Payload);
            return;
        }

        Assert.Throws<InvalidDataException>(() => message.Resolve(memory));
        Assert.Throws<InvalidDataException>(() => new ExchangeMessage { Kind = MessageKind.Contribution, Epoch = 1, QuorumHash = 1, Block = 1, BlockBytes = 4 }.Resolve(null));
    }

    [Fact]
    public void What_was_lent_is_not_believed_after_the_loan_was_revoked()
    {
        var loan = new Loan();
        float[] buffer = [1, 2, 3, 4];
        var payload = Payload.Lend(buffer, 1..3, loan);
        Assert.Equal([2f, 3f], payload.As<float>().ToArray());
        Assert.False(payload.IsRevoked);
        loan.Revoke();
        Assert.True(payload.IsRevoked);
        payload.Release();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
