using DivCo.Training.Sharding;

namespace DivCo.Training.Tests.Sharding;

public sealed class AuditVerdictTests
{
    [Theory]
    [InlineData("a1 b2 c2", "a", "outvoted, 2 to 1")]
    [InlineData("a1 b2 c1", "b", "outvoted, 2 to 1")]
    [InlineData("a1 b2 a2 b2", "a", "outvoted, 3 to 1")]
    [InlineData("a1 b2 a1 b1", "b", "outvoted, 3 to 1")]
    [InlineData("a1 b2 a3 b2", "a", "a contradicts itself, b does not")]
    [InlineData("a1 b2 a1 b3", "b", "b contradicts itself, a does not")]
    [InlineData("a1 a2 a2", "a", "outvoted, 2 to 1")]
    [InlineData("a1 a2 a1", "a", "outvoted, 2 to 1")]
    [InlineData("a1 b2 a1 b2", null, "a and b each repeat their own result; a third worker would decide")]
    [InlineData("a1 b2 c3", null, "class \"cpu x\" are non-deterministic")]
    [InlineData("a1 a2 a3", null, "class \"cpu x\" are non-deterministic")]
    [InlineData("a1 b2 a2 b1", null, "class \"cpu x\" are non-deterministic")]
    [InlineData("a1 b2 a3 b4", null, "class \"cpu x\" are non-deterministic")]
    public void The_votes_decide(string votes, string? outvoted, string reason)
    {
        var verdict = AuditVerdict.Of([.. votes.Split(' ').Select(vote => new AuditVote(vote[..1], vote[1..]))], "cpu x");
        Assert.Equal(outvoted, verdict.Member);
        Assert.Contains(reason, verdict.Reason);
    }
}
