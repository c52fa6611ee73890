using DivCo.Cluster.Tests.Trials.Model;

namespace DivCo.Cluster.Tests.Trials;

/// <summary>The elastic quorum under deaths, pauses, lost, late and repeated messages, two leaders at once, and commits at any moment.</summary>
public sealed class QuorumSearchTests(ITestOutputHelper output)
{
    private static readonly ModelOptions _small = new() { Updates = 2, Epochs = 2, Activations = 0 };

    private static readonly ModelOptions _large = new()
    {
        Joiners = 1,
        Updates = 4,
        Epochs = 5,
        Crashes = 2,
        Failures = 1,
        Drains = 1,
        Disputes = 1,
        Activations = 2,
        LateReports = true,
    };

    /// <summary>Every interleaving within bounds: 95,982 states.</summary>
    [Theory]
    [InlineData(2, 0, 2, 2, 1, true, 0)]
    [InlineData(2, 0, 1, 3, 0, false, 0)]
    [InlineData(1, 1, 2, 2, 1, true, 0)]
    [InlineData(2, 0, 1, 2, 1, true, 1)]
    public void Every_state_within_reach_keeps_the_invariants_and_leads_to_the_end(
        int members, int joiners, int updates, int epochs, int crashes, bool bitsDependOnEpoch, int disputes) =>
        Search(_small with
        {
            Members = members,
            Joiners = joiners,
            Updates = updates,
            Epochs = epochs,
            Crashes = crashes,
            BitsDependOnEpoch = bitsDependOnEpoch,
            Disputes = disputes,
        });

    /// <summary>754,141 states, more than a build should wait for: run it when the protocol changes.</summary>
    [Fact(Explicit = true)]
    public void Every_state_with_two_activations_at_once_keeps_the_invariants() => Search(_small with { Crashes = 0, Activations = 1 });

    /// <summary>Far from the beginning, with everything that may go wrong: about 290,000 states.</summary>
    [Theory]
    [InlineData(2, 5, 2_600, 150, 130_000)]
    [InlineData(3, 6, 2_000, 200, 140_000)]
    public void Random_walks_find_no_way_around_the_invariants(int members, int epochs, int walks, int length, int atLeast)
    {
        var model = new QuorumModel(_large with { Members = members, Epochs = epochs });
        string? stuck = null;
        var result = StateSearch.Walks(model, seed: 1, walks, length, end => stuck ??= FairRun.Outcome(model, end));

        output.WriteLine($"{result.States} states");
        Assert.Null(result.CounterExample);
        Assert.Null(stuck);
        Assert.Equal(Enum.GetValues<Happening>(), result.Happenings.Order());
        Assert.True(result.States >= atLeast, $"only {result.States} states");
    }

    /// <summary>The search is worth something: each simpler protocol has a counter-example, and it is found.</summary>
    [Theory]
    [InlineData(Mutation.AnswersBeforeTheThreadLeft)]
    [InlineData(Mutation.CopiesInPlace)]
    [InlineData(Mutation.RedoesTheStep)]
    [InlineData(Mutation.SendsBeforeItWrites)]
    [InlineData(Mutation.TakesAnySource)]
    [InlineData(Mutation.SurvivorsBeatCheckpoints)]
    [InlineData(Mutation.BreaksItsPromise)]
    [InlineData(Mutation.ComparesCountsOnly)]
    [InlineData(Mutation.ForgetsTheVerdict)]
    public void A_simpler_protocol_has_a_counter_example(Enum mutation)
    {
        var model = new QuorumModel(new ModelOptions { Updates = 4, Epochs = 4, Activations = 2, Disputes = mutation is Mutation.ForgetsTheVerdict ? 1 : 0, Mutation = (Mutation)mutation });
        var result = StateSearch.Walks(model, seed: 1, walks: 4_000, length: 120);

        output.WriteLine($"{result.States} states\n{result.CounterExample}");
        Assert.NotNull(result.CounterExample);
    }

    private void Search(ModelOptions options)
    {
        var model = new QuorumModel(options);
        string? stuck = null;
        var result = StateSearch.Breadth(model, most: 1_000_000, every: 101, state => stuck ??= FairRun.Outcome(model, state));

        output.WriteLine($"{result.States} states");
        Assert.Null(result.CounterExample);
        Assert.Null(stuck);
        Assert.True(result.Exhausted);
    }
}
