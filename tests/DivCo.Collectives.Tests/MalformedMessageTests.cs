using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Proto = DivCo.Protocol.Exchange.V1;

namespace DivCo.Collectives.Tests;

/// <summary>A peer that speaks through the generated client and says what it should not.</summary>
public sealed class MalformedMessageTests
{
    private const int Length = 4;

    /// <summary>Rank 0 holds three, rank 1 the other two, which are no siblings.</summary>
    private const int Shards = 5;

    /// <summary>Rank 1 has no server, so there is nobody to say goodbye to.</summary>
    private static readonly ExchangeTimeouts Unflushed = new() { Flush = TimeSpan.FromMilliseconds(1) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Wrong => new()
    {
        { "length", "8 bytes of Float32 for chunk 0, expected 16" },
        { "element", "of Float64 for chunk 0, expected 16 of Float32" },
        { "chunk", "which is not its part" },
        { "negative chunk", "which is not its part" },
        { "node", "which is not its part" },
        { "impossible node", "which is not its part" },
        { "own result", "which is not its part" },
        { "rows", "which is not its part" },
        { "record", "which is not its part" },
        { "twice", "twice" },
        { "older update", "out of turn" },
        { "later update", "out of turn" },
        { "epoch", "of quorum 9" },
        { "quorum", "00000000000000ff" },
        { "kind", "it sent 77" },
        { "hello again", "it sent Hello" },
        { "huge", "broke" },
        { "end", "without a farewell" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task It_fails_that_peer_with_the_reason(string wrong, string reason)
    {
        await using var server = await ExchangeServer.StartAsync();
        var quorum = Quorum(server, epoch: 1);
        using var communicator = server.Hub.Join(quorum, 0, Unflushed, Cancellation);
        using var channel = GrpcChannel.ForAddress(server.Address);
        using var call = await Greet(channel, quorum);

        var message = Contribution(quorum);
        switch (wrong)
        {
            case "length": message.Payload = ByteString.CopyFrom(new byte[8]); break;
            case "element": message.ElementType = Proto.ElementType.Float64; break;
            case "chunk": message.Chunk = 1; break;
            case "negative chunk": message.Chunk = -1; break;
            case "node": message.NodeStart = 0; break;
            case "impossible node": (message.NodeStart, message.NodeSize) = (int.MaxValue, int.MinValue); break;
            case "own result": (message.Kind, message.NodeStart, message.NodeSize) = (Proto.MessageKind.Result, 0, 2); break;
            case "rows": message.Kind = Proto.MessageKind.Rows; break;
            case "record": message.Kind = Proto.MessageKind.Record; break;
            case "twice": await call.RequestStream.WriteAsync(message, Cancellation); break;
            case "older update": message.Update = -1; break;
            case "later update": message.Update = 5; break;
            case "epoch": message.Epoch = 9; break;
            case "quorum": message.QuorumHash = 0xff; break;
            case "kind": message.Kind = (Proto.MessageKind)77; break;
            case "hello again": message.Kind = Proto.MessageKind.Hello; break;
            case "huge": message.Payload = ByteString.CopyFrom(new byte[4 << 20]); break;
            default: break;
        }

        if (wrong != "end")
        {
            await SendAsync(call, message);
        }
        else
        {
            await call.RequestStream.CompleteAsync();
        }

        var lost = await GrpcExchangeTests.OnThread(
            () => Assert.Throws<PeerLostException>(() => communicator.AllReduce(new Operation(0, 0), Leaves.Draw(Shards, Length, seed: 1), Length)));
        Assert.Equal("silo/cpu001", lost.Member);
        Assert.Contains(reason, lost.Message);
    }

    [Fact]
    public async Task What_the_generated_client_says_rightly_is_understood()
    {
        await using var server = await ExchangeServer.StartAsync();
        var quorum = Quorum(server, epoch: 1);
        using var communicator = server.Hub.Join(quorum, 0, Unflushed, Cancellation);
        using var channel = GrpcChannel.ForAddress(server.Address);
        using var call = await Greet(channel, quorum);
        await SendAsync(call, Contribution(quorum, shard: 4));
        await SendAsync(call, Contribution(quorum, shard: 3));

        var stack = new ShardStack<float>(Length);
        stack.Push(0, [1, 2, 3, 4]);
        stack.Push(1, [1, 1, 1, 1]);
        stack.PushAbsent(2);
        var sum = new float[Length];
        await GrpcExchangeTests.OnThread(() =>
        {
            communicator.AllReduce(new Operation(0, 0), stack, Shards, sum);
            return true;
        });
        Assert.Equal([22f, 23f, 24f, 25f], sum);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.AlreadyExists)]
    public async Task A_wrong_greeting_is_refused(StatusCode expected)
    {
        await using var server = await ExchangeServer.StartAsync();
        var quorum = Quorum(server, epoch: 1);
        using var communicator = server.Hub.Join(quorum, 0, Unflushed, Cancellation);
        using var channel = GrpcChannel.ForAddress(server.Address);
        using var first = await Greet(channel, quorum);
        using var call = new Proto.GradientExchange.GradientExchangeClient(channel).Exchange(cancellationToken: Cancellation);
        var hello = Hello(expected == StatusCode.FailedPrecondition ? Quorum(server, epoch: 0) : quorum);
        hello.ToRank = expected == StatusCode.InvalidArgument ? 12 : 0;
        await SendAsync(call, hello);
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
    }

    private static async Task SendAsync(AsyncClientStreamingCall<Proto.ExchangeMessage, Proto.ExchangeReceipt> call, Proto.ExchangeMessage message)
    {
        try
        {
            await call.RequestStream.WriteAsync(message, Cancellation);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException or InvalidOperationException)
        {
            // The server may end the call while it is being written.
        }
    }

    private static Quorum Quorum(ExchangeServer server, uint epoch) => ExchangeServer.QuorumOf([server.Address, new Uri("http://127.0.0.1:9/")], epoch);

    private static async Task<AsyncClientStreamingCall<Proto.ExchangeMessage, Proto.ExchangeReceipt>> Greet(GrpcChannel channel, Quorum quorum)
    {
        var call = new Proto.GradientExchange.GradientExchangeClient(channel).Exchange(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(Hello(quorum), Cancellation);
        await call.ResponseHeadersAsync;
        return call;
    }

    private static Proto.ExchangeMessage Hello(Quorum quorum) => new()
    {
        Kind = Proto.MessageKind.Hello,
        TrialId = quorum.TrialId,
        Epoch = quorum.Epoch,
        QuorumHash = quorum.Hash,
        FromRank = 1,
        ToRank = 0,
    };

    private static Proto.ExchangeMessage Contribution(Quorum quorum, int shard = 3) => new()
    {
        Kind = Proto.MessageKind.Contribution,
        Epoch = quorum.Epoch,
        QuorumHash = quorum.Hash,
        NodeStart = shard,
        NodeSize = 1,
        ElementType = Proto.ElementType.Float32,
        Payload = ByteString.CopyFrom([.. Enumerable.Repeat(BitConverter.GetBytes(10f), Length).SelectMany(b => b)]),
    };
}
