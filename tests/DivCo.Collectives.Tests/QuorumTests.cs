namespace DivCo.Collectives.Tests;

public sealed class QuorumTests
{
    private static readonly Uri[] Two = [new("http://127.0.0.1:1"), new("http://127.0.0.1:2")];

    [Fact]
    public void Its_hash_tells_every_field()
    {
        Quorum[] quorums =
        [
            new("t", 1, ["a", "b"], Two),
            new("u", 1, ["a", "b"], Two),
            new("t", 2, ["a", "b"], Two),
            new("t", 1, ["a", "c"], Two),
            new("t", 1, ["a", "b"], [Two[1], Two[0]]),
            new("t", 1, ["a"], [Two[0]]),
        ];
        Assert.Equal(quorums.Length, quorums.Select(q => q.Hash).Distinct().Count());
        Assert.Equal(quorums[0], new Quorum("t", 1, ["a", "b"], [.. Two]));
    }

    [Fact]
    public void Members_are_sorted_distinct_and_reachable()
    {
        Assert.Contains("ordinal order", Assert.Throws<ArgumentException>(() => new Quorum("t", 1, ["b", "a"], Two)).Message);
        Assert.Contains("ordinal order", Assert.Throws<ArgumentException>(() => new Quorum("t", 1, ["a", "a"], Two)).Message);
        Assert.Contains("addresses", Assert.Throws<ArgumentException>(() => new Quorum("t", 1, ["a", "b"], [Two[0]])).Message);
        Assert.Contains("one member", Assert.Throws<ArgumentException>(() => new Quorum("t", 1, [], [])).Message);
    }
}
