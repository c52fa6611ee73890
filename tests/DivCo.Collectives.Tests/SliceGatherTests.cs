namespace DivCo.Collectives.Tests;

public sealed class SliceGatherTests
{
    [Fact]
    public void Every_rank_gets_the_rows_of_the_slices_it_shares()
    {
        for (var data = 1; data <= 4; data++)
        {
            for (var negatives = 1; negatives <= 4; negatives++)
            {
                var grid = new ShardGrid(data, negatives);
                for (var size = 1; size <= grid.Count + 1; size++)
                {
                    var all = Ranks.RunLocally(size, communicator => Gather(communicator, grid, LengthOf(grid)));
                    for (var rank = 0; rank < size; rank++)
                    {
                        var own = ShardRanges.Of(grid.Count, size, rank);
                        var slices = Enumerable.Range(own.Start, own.Count).Select(grid.SliceOf).Distinct();
                        Assert.Equal(
                            slices.SelectMany(d => Enumerable.Range(grid.Slice(d).Start, negatives)).Order(), all[rank].Keys.Order());
                        Assert.All(all[rank], rows => Assert.Equal(RowsOf(rows.Key, LengthOf(grid)(rows.Key)), rows.Value));
                    }
                }
            }
        }
    }

    [Fact]
    public void Rows_longer_than_a_message_travel_in_pieces()
    {
        var grid = new ShardGrid(1, 3);
        var all = Ranks.RunLocally(3, communicator => Gather(communicator, grid, shard => 65_536 * shard + shard));
        Assert.All(all, rows => Assert.All(rows, r => Assert.Equal(RowsOf(r.Key, (65_536 * r.Key) + r.Key), r.Value)));
    }

    [Fact]
    public void Ranks_that_hold_nothing_of_a_slice_get_it_when_they_read_it()
    {
        for (var size = 2; size <= 9; size++)
        {
            // Slice 1 is read by the first rank and the last, slice 3 by all; some of them hold a part of it.
            var grid = new ShardGrid(4, 2);
            int[][] readers = [[], [0, size - 1, 0], [], [.. Enumerable.Range(0, size)]];
            var readersOf = readers.SelectMany((ranks, slice) => ranks.Select(rank => (slice, rank))).ToLookup(r => r.slice, r => r.rank);
            var all = Ranks.RunLocally(size, communicator => communicator.SendSlices(
                new Operation(0, 0), grid, OwnRows(communicator, grid, LengthOf(grid)), LengthOf(grid), readersOf));
            for (var rank = 0; rank < size; rank++)
            {
                var own = ShardRanges.Of(grid.Count, size, rank);
                var read = Enumerable.Range(0, 4).Where(slice => readers[slice].Contains(rank)).SelectMany(slice => (int[])[2 * slice, (2 * slice) + 1]);
                Assert.Equal(Enumerable.Range(own.Start, own.Count).Union(read).Order(), all[rank].Keys.Order());
                Assert.All(all[rank], rows => Assert.Equal(RowsOf(rows.Key, LengthOf(grid)(rows.Key)), rows.Value));
            }
        }
    }

    [Fact]
    public void Wrong_rows_are_named()
    {
        using var communicator = new ExchangeHub().Join(Ranks.LocalQuorum(2), 0, ExchangeTimeouts.Default, CancellationToken.None);
        var grid = new ShardGrid(1, 2);
        var wrongShard = new Dictionary<int, float[]> { [1] = [0] };
        Assert.Contains("holds shards 0 to 0", Assert.Throws<ArgumentException>(() => communicator.GatherSlices(default, grid, wrongShard, _ => 1)).Message);
        var wrongLength = new Dictionary<int, float[]> { [0] = [0, 0] };
        Assert.Contains("lengthOf says 1", Assert.Throws<ArgumentException>(() => communicator.GatherSlices(default, grid, wrongLength, _ => 1)).Message);
    }

    private static Func<int, int> LengthOf(ShardGrid grid) => shard => grid.NegativeOf(shard) == 0 ? 5 : 3;

    private static float[] RowsOf(int shard, int length) => [.. Enumerable.Range(0, length).Select(i => (shard * 1000) + (i * 0.5f))];

    private static IReadOnlyDictionary<int, float[]> Gather(Communicator communicator, ShardGrid grid, Func<int, int> lengthOf) =>
        communicator.GatherSlices(new Operation(0, 0), grid, OwnRows(communicator, grid, lengthOf), lengthOf);

    private static Dictionary<int, float[]> OwnRows(Communicator communicator, ShardGrid grid, Func<int, int> lengthOf)
    {
        var own = ShardRanges.Of(grid.Count, communicator.Size, communicator.Rank);
        return Enumerable.Range(own.Start, own.Count).ToDictionary(shard => shard, shard => RowsOf(shard, lengthOf(shard)));
    }
}
