using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Tests;

/// <summary>Defaults that depend on what the search draws.</summary>
public sealed class ResolvedTrialTests
{
    private static readonly string[] _contrastive =
        ["contrastive_reduction", "encoder_head", "extra_code", "feature_norm", "model.feature_dim", "negatives", "radius", "shards.negatives", "tau"];

    [Theory]
    [InlineData("none", null, null, null)]
    [InlineData("divco", 1.0, null, null)]
    [InlineData("mode_seeking", null, 1.0, null)]
    [InlineData("latent_regression", null, null, 0.5)]
    public void A_drawn_objective_gives_what_the_same_objective_gives_where_it_is_fixed(string objective, double? contra, double? ms, double? z)
    {
        var searched = SweepDefaults.Apply(Specs.Of("""
            {"name": "s", "seed": 3, "method": "grid", "parameters": {"objective": {"values": ["none", "mode_seeking", "latent_regression", "divco"]}, "seed": {"values": [1, 2]}}}
            """));
        Assert.Empty(SweepSpecRules.Check(searched));
        Assert.Equal(8, searched.Limits.MaxTrials);
        Assert.All(_contrastive, path => Assert.Null(ParameterPath.Get(searched.Trial, path)));

        var trial = Resolve(searched, ("objective", Value.ForString(objective)), ("seed", Value.ForNumber(2)));
        var alone = SweepDefaults.Apply(Specs.Of($$"""{"name": "s", "trial": {"objective": "{{objective}}", "seed": 2} }""")).Trial;
        Assert.Equal(alone, trial);
        Assert.Equal((contra, ms, z), (trial.HasLambdaContra ? trial.LambdaContra : null, trial.HasLambdaMs ? trial.LambdaMs : null, trial.HasLambdaZ ? trial.LambdaZ : null));
        Assert.All(_contrastive, path => Assert.Equal(objective == "divco", ParameterPath.Get(trial, path) is not null));
    }

    [Fact]
    public void What_is_set_for_some_objectives_is_left_out_of_the_trials_of_others()
    {
        var spec = SweepDefaults.Apply(Specs.Of("""
            {"name": "s", "parameters": {"objective": {"values": ["none", "divco"]}, "lambda_contra": {"values": [0.5, 2]}}, "trial": {"negatives": 4, "tau": 0.3}}
            """));
        var divco = Resolve(spec, ("objective", Value.ForString("divco")), ("lambda_contra", Value.ForNumber(2)));
        Assert.Equal((2.0, 4, 0.3, 0.001), (divco.LambdaContra, divco.Negatives, divco.Tau, divco.Radius));
        var none = Resolve(spec, ("objective", Value.ForString("none")), ("lambda_contra", Value.ForNumber(2)));
        Assert.False(none.HasLambdaContra || none.HasNegatives || none.HasTau || none.HasRadius);
    }

    [Fact]
    public void A_weight_adds_its_term_and_the_settings_of_the_term()
    {
        var trial = SweepDefaults.Apply(Specs.Of("""{"name": "c", "trial": {"objective": "mode_seeking", "lambdaContra": 0.1}}""")).Trial;
        Assert.Equal((1.0, 0.1, 10, false), (trial.LambdaMs, trial.LambdaContra, trial.Negatives, trial.HasLambdaZ));
    }

    [Fact]
    public void The_learning_rate_falls_from_half_of_the_drawn_steps_on()
    {
        Assert.Equal(1000, SweepDefaults.Apply(Specs.Of("""{"name": "l", "trial": {"optimizer": {"schedule": "linear"}}}""")).Trial.Optimizer.DecayFrom);
        var spec = SweepDefaults.Apply(Specs.Of("""{"name": "l", "parameters": {"steps": {"values": [100, 300]}}, "trial": {"optimizer": {"schedule": "linear"}}}"""));
        Assert.False(spec.Trial.Optimizer.HasDecayFrom);
        Assert.Equal(150, Resolve(spec, ("steps", Value.ForNumber(300))).Optimizer.DecayFrom);
    }

    /// <summary>A spec that an earlier release completed: it has no field of a later one, and its trials keep their hash.</summary>
    [Fact]
    public void A_trial_keeps_its_fields_where_nothing_was_left_open()
    {
        var stored = SweepDefaults.Apply(Specs.Valid());
        stored.Trial.Optimizer.ClearSchedule();
        stored.Trial.ClearExtraCode();
        KeyValuePair<string, Value>[] drawn = [new("tau", Value.ForNumber(0.1)), new("lambda_contra", Value.ForNumber(2.5))];
        Assert.Equal(ParameterPath.With(stored.Trial, drawn), SweepDefaults.Resolve(stored, drawn));
    }

    private static TrialSpec Resolve(SweepSpec spec, params (string Path, Value Value)[] drawn) =>
        SweepDefaults.Resolve(spec, drawn.Select(one => KeyValuePair.Create(one.Path, one.Value)));
}
