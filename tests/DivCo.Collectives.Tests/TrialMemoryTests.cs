namespace DivCo.Collectives.Tests;

public sealed class TrialMemoryTests
{
    [Fact]
    public void The_oldest_that_has_ended_is_forgotten_first_and_what_is_in_use_never()
    {
        var inUse = new HashSet<string> { "b1" };
        var memory = new TrialMemory<string>(3, inUse.Contains);
        foreach (var name in (string[])["a", "b", "c"])
        {
            memory.Set(name, name + 1);
        }

        memory.Set("a", "a2");
        memory.Set("d", "d1");
        Assert.Equal(["a2", "b1", null, "d1"], ((string[])["a", "b", "c", "d"]).Select(memory.Get));

        inUse.UnionWith(["a2", "d1"]);
        memory.Set("e", "e1");
        Assert.Equal(4, memory.Count);
        inUse.Clear();
        memory.Set("f", "f1");
        Assert.Equal([null, null, "d1", "e1", "f1"], ((string[])["a", "b", "d", "e", "f"]).Select(memory.Get));
    }

    [Fact]
    public void A_process_that_trains_many_trials_remembers_a_bounded_number()
    {
        var hub = new ExchangeHub { RememberedTrials = 8 };
        using var first = hub.Join(Ranks.LocalQuorum(1, epoch: 7, trialId: "long/0"), 0, ExchangeTimeouts.Default, TestContext.Current.CancellationToken);
        for (var trial = 0; trial < 100; trial++)
        {
            using var one = hub.Join(Ranks.LocalQuorum(1, trialId: $"short/{trial}"), 0, ExchangeTimeouts.Default, TestContext.Current.CancellationToken);
            using var offer = hub.OfferState($"short/{trial}", 2, new StateOffer("silo/cpu000", 1, 0, "", stream => stream.WriteByte(0)));
        }

        Assert.InRange(hub.KnownTrials, 1, 9);

        // The one that trains all the while still refuses what is older.
        Assert.Throws<InvalidOperationException>(
            () => hub.Join(Ranks.LocalQuorum(1, epoch: 6, trialId: "long/0"), 0, ExchangeTimeouts.Default, TestContext.Current.CancellationToken));
    }
}
