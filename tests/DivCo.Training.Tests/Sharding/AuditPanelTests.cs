using DivCo.Training.Sharding;

namespace DivCo.Training.Tests.Sharding;

public sealed class AuditPanelTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(64)]
    public void Three_different_ranks_decide_and_every_pair_meets(int workers)
    {
        for (var owner = 0; owner < workers; owner++)
        {
            var panels = Enumerable.Range(0, workers - 1).Select(turn => AuditPanel.Of(owner, workers, (ulong)turn + (ulong.MaxValue / 2))).ToArray();
            Assert.All(panels, panel => Assert.Equal(3, new[] { panel.Owner, panel.Auditor, Assert.Single(panel.Judges) }.Distinct().Count(rank => rank >= 0 && rank < workers)));
            Assert.Equal(Enumerable.Range(0, workers).Except([owner]), panels.Select(panel => panel.Auditor).Order());
        }
    }

    [Fact]
    public void Where_there_is_no_third_rank_those_that_there_are_compute_again()
    {
        Assert.Equivalent(new AuditPanel(1, 0, [1, 0]), AuditPanel.Of(1, 2, 12345));
        Assert.Equivalent(new AuditPanel(0, 0, [0]), AuditPanel.Of(0, 1, 12345));
    }
}
