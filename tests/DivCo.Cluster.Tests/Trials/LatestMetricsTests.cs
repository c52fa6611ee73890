using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials;

public sealed class LatestMetricsTests
{
    [Fact]
    public void A_late_checkpoint_replaces_the_one_before_it_and_nothing_of_later_steps()
    {
        var latest = new LatestMetrics();
        latest.Add(50, new Dictionary<string, double> { ["diversity"] = 0.5, ["loss_g"] = 5 });
        latest.Add(120, new Dictionary<string, double> { ["loss_g"] = 3 });
        latest.Add(100, new Dictionary<string, double> { ["diversity"] = 0.6, ["loss_g"] = 4 });
        Assert.Equal(120, latest.Step);
        Assert.Equal(new Dictionary<string, double> { ["diversity"] = 0.6, ["loss_g"] = 3 }, latest.Values);
    }

    [Fact]
    public void What_is_said_again_of_a_step_counts_anew()
    {
        var latest = new LatestMetrics();
        latest.Add(4, new Dictionary<string, double> { ["loss_g"] = 1 });
        latest.Add(4, new Dictionary<string, double> { ["loss_g"] = 2 });
        Assert.Equal(2, latest.Values["loss_g"]);
    }
}
