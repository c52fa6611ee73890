namespace DivCo.Collectives.Tests;

public sealed class RootedReduceTests
{
    private const int Length = 150_001;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 7)]
    [InlineData(3, 8)]
    [InlineData(5, 3)]
    public void A_chunk_summed_again_has_the_bits_of_the_all_reduce_on_any_rank(int size, int shards)
    {
        float[]?[] leaves = [.. Leaves.Draw(shards, Length, seed: shards)];
        leaves[shards / 2] = null;
        var whole = NaiveTree.Sum(leaves)!;
        var equal = Ranks.RunLocally(size, communicator =>
        {
            var stack = StackOf(communicator, leaves);
            var sum = new float[Length];
            communicator.AllReduce(new Operation(0, 0), stack, shards, sum);
            return Enumerable.Range(0, size).All(root =>
            {
                var chunk = communicator.ChunkAt<float>(Length, (Length / size * root) + 17);
                var again = communicator.Reduce(new Operation(0, 1 + root), stack, shards, chunk, root);
                return (again is not null) == (communicator.Rank == root)
                    && (again is null || again.Bits().SequenceEqual(whole[chunk.Start..(chunk.Start + chunk.Length)].Bits()))
                    && sum.Bits().SequenceEqual(whole.Bits());
            });
        });
        Assert.All(equal, Assert.True);
    }

    [Fact]
    public void Chunks_make_up_the_buffer_and_each_has_an_owner()
    {
        using var communicator = new ExchangeHub().Join(Ranks.LocalQuorum(3), 0, ExchangeTimeouts.Default, Cancellation);
        var owners = new HashSet<int>();
        for (var element = 0; element < Length;)
        {
            var chunk = communicator.ChunkAt<float>(Length, element);
            Assert.Equal(element, chunk.Start);
            Assert.Equal(chunk, communicator.ChunkAt<float>(Length, element + chunk.Length - 1));
            owners.Add(chunk.Owner);
            element += chunk.Length;
        }

        Assert.Equal([0, 1, 2], owners.Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => communicator.ChunkAt<float>(Length, Length));
    }

    [Fact]
    public async Task Between_processes_the_root_alone_waits()
    {
        var servers = await ExchangeServer.StartManyAsync(2);
        var quorum = ExchangeServer.QuorumOf(servers);
        var leaves = Leaves.Draw(5, Length, seed: 3);
        var whole = NaiveTree.Sum(leaves)!;
        var equal = Ranks.Run(2, rank =>
        {
            using var communicator = servers[rank].Hub.Join(quorum, rank, ExchangeTimeouts.Default, Cancellation);
            var stack = StackOf(communicator, leaves);
            var chunk = communicator.ChunkAt<float>(Length, 70_000);
            return Enumerable.Range(0, 6).All(i => communicator.Reduce(new Operation(i, 0), stack, 5, chunk, i % 2) is not { } again
                || again.Bits().SequenceEqual(whole[chunk.Start..(chunk.Start + chunk.Length)].Bits()));
        });
        Assert.All(equal, Assert.True);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public void What_cannot_be_summed_is_named()
    {
        using var communicator = new ExchangeHub().Join(Ranks.LocalQuorum(1), 0, ExchangeTimeouts.Default, Cancellation);
        var stack = new ShardStack<float>(4);
        stack.PushAbsent(0);
        Assert.Contains("does not lie in 4", Assert.Throws<ArgumentException>(() => communicator.Reduce(new Operation(0, 0), stack, 1, new SumChunk(2, 3, 0), 0)).Message);
        Assert.Contains("must bring", Assert.Throws<ArgumentException>(() => communicator.Reduce(new Operation(0, 0), stack, 2, new SumChunk(0, 4, 0), 0)).Message);
        Assert.Contains("contributed", Assert.Throws<InvalidOperationException>(() => communicator.Reduce(new Operation(0, 0), stack, 1, new SumChunk(0, 4, 0), 0)).Message);
    }

    private static ShardStack<float> StackOf(Communicator communicator, float[]?[] leaves)
    {
        var stack = new ShardStack<float>(Length);
        var own = ShardRanges.Of(leaves.Length, communicator.Size, communicator.Rank);
        for (var shard = own.Start; shard < own.End; shard++)
        {
            if (leaves[shard] is { } leaf)
            {
                var buffer = stack.Rent();
                leaf.CopyTo(buffer, 0);
                stack.Push(shard, buffer);
            }
            else
            {
                stack.PushAbsent(shard);
            }
        }

        return stack;
    }
}
