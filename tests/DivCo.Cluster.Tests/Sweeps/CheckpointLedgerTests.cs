using DivCo.Cluster.Sweeps;
using DivCo.Cluster.Trials;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Tests.Sweeps;

public sealed class CheckpointLedgerTests
{
    private static readonly CheckpointSpec _policy = new() { KeepLast = 2, KeepBest = 1 };

    [Fact]
    public void A_proposal_taken_twice_is_one_entry()
    {
        var entry = Specs.Checkpoint(10, 1);
        var (ledger, _) = CheckpointLedger.Fold([], [entry], Specs.Random(), _policy);
        var (again, dropped) = CheckpointLedger.Fold(ledger, [entry], Specs.Random(), _policy);
        Assert.Equal(ledger, again);
        Assert.Empty(dropped);
    }

    [Fact]
    public void A_checkpoint_of_a_quorum_that_is_over_is_refused()
    {
        var (ledger, dropped) = CheckpointLedger.Fold([Specs.Checkpoint(10, 1, epoch: 3)], [Specs.Checkpoint(20, 1, epoch: 2)], Specs.Random(), _policy);
        Assert.Equal([10], ledger.Select(entry => entry.Step));
        Assert.Equal([20], dropped.Select(entry => entry.Step));
    }

    [Fact]
    public void After_a_fallback_the_new_epoch_takes_the_place_of_what_was_damaged()
    {
        CheckpointEntry[] ledger = [Specs.Checkpoint(20, 1), Specs.Checkpoint(30, 1), Specs.Checkpoint(40, 1)];
        var roomy = new CheckpointSpec { KeepLast = 5, KeepBest = 0 };
        var (after, dropped) = CheckpointLedger.Fold(ledger, [Specs.Checkpoint(30, 1, epoch: 2)], Specs.Random(), roomy);
        Assert.Equal(["step-000020-e1", "step-000030-e2"], after.Select(entry => entry.Name));
        Assert.Equal(["step-000030-e1", "step-000040-e1"], dropped.Select(entry => entry.Name));
        Assert.Equal(["step-000020-e1", "step-000030-e2", "step-000040-e2"], CheckpointLedger.Fold(after, [Specs.Checkpoint(40, 1, epoch: 2)], Specs.Random(), roomy).Ledger.Select(entry => entry.Name));
    }

    [Fact]
    public void Keeps_the_last_and_the_best_by_the_goal_and_passes_over_what_is_not_finite()
    {
        var entries = new[] { Specs.Checkpoint(10, 2), Specs.Checkpoint(20, 0.5), Specs.Checkpoint(30, double.NaN), Specs.Checkpoint(40, 3), Specs.Checkpoint(50, 4) };
        var (ledger, dropped) = CheckpointLedger.Fold([], entries, Specs.Random(), _policy);
        Assert.Equal([20, 40, 50], ledger.Select(entry => entry.Step));
        Assert.Equal([10, 30], dropped.Select(entry => entry.Step));

        var maximize = Specs.Random();
        maximize.Metric.Goal = "maximize";
        Assert.Equal([40, 50], CheckpointLedger.Fold([], entries, maximize, _policy).Ledger.Select(entry => entry.Step));
    }
}
