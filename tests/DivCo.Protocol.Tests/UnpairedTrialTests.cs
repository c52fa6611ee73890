using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Tests;

public sealed class UnpairedTrialTests
{
    [Fact]
    public void The_task_alone_becomes_a_trial_with_the_published_settings()
    {
        var complete = SweepDefaults.Apply(Specs.Of("""{"name": "u", "trial": {"task": "unpaired"}}"""));
        Assert.Empty(SweepSpecRules.Check(complete));
        Assert.Equal(complete, SweepDefaults.Apply(complete));
        var trial = complete.Trial;
        Assert.Equal(("sneakers-to-boots", 64, 8, 1, 1e-4), (trial.Dataset.Name, trial.Model.Width, trial.Model.LatentDim, trial.BatchSize, trial.Optimizer.Lr));
        Assert.Equal(("content", "cross_cycle", 3, 10.0, 0.01), (trial.Encoder, trial.Reconstruction, trial.ContentUpdates, trial.LambdaL1, trial.LambdaKl));
        Assert.Equal((10, 0.01, 1.0, 1.0, "lsgan"), (trial.Negatives, trial.Radius, trial.Tau, trial.LambdaContra, trial.Adversarial));
        Assert.False(trial.HasEncoderHead || trial.Model.HasNorm || trial.Model.HasFeatureDim);
    }

    [Theory]
    [InlineData("mode_seeking", false, 1.0, null)]
    [InlineData("latent_regression", false, null, 10.0)]
    [InlineData("none", false, null, null)]
    [InlineData("divco", true, null, null)]
    public void An_objective_has_its_own_weight_and_only_the_contrastive_one_an_encoder(string objective, bool encoder, double? ms, double? z)
    {
        var trial = SweepDefaults.Apply(Specs.Of($$"""{"name": "u", "trial": {"task": "unpaired", "objective": "{{objective}}"} }""")).Trial;
        Assert.Equal((encoder, ms, z), (trial.HasEncoder, trial.HasLambdaMs ? trial.LambdaMs : null, trial.HasLambdaZ ? trial.LambdaZ : null));
    }

    [Fact]
    public void A_cycle_has_no_fields_of_attributes_and_contents()
    {
        var complete = SweepDefaults.Apply(Specs.Of("""{"name": "u", "trial": {"task": "unpaired", "reconstruction": "cycle"}}"""));
        Assert.Empty(SweepSpecRules.Check(complete));
        Assert.Equal((false, false, true), (complete.Trial.HasContentUpdates, complete.Trial.HasLambdaKl, complete.Trial.HasLambdaL1));
    }

    [Theory]
    [InlineData("""{"task": "unpaired", "encoderHead": "none"}""", "trial.encoder_head")]
    [InlineData("""{"task": "unpaired", "model": {"norm": "batch"}}""", "trial.model.norm")]
    [InlineData("""{"task": "unpaired", "objective": "none", "encoder": "content"}""", "trial.encoder")]
    [InlineData("""{"task": "unpaired", "encoder": "vae"}""", "trial.encoder")]
    [InlineData("""{"task": "unpaired", "contentUpdates": 0}""", "trial.content_updates")]
    [InlineData("""{"task": "unpaired", "dataset": {"name": "fashion-mnist"}}""", "trial.dataset.name")]
    [InlineData("""{"task": "unpaired", "reconstruction": "cycle", "contentUpdates": 2}""", "trial.content_updates")]
    [InlineData("""{"task": "unpaired", "reconstruction": "cycle", "objective": "latent_regression"}""", "trial.reconstruction")]
    [InlineData("""{"task": "unpaired", "reconstruction": "cycle", "lambdaZ": 1}""", "trial.reconstruction")]
    [InlineData("""{"task": "unpaired", "reconstruction": "cycle", "encoder": "attribute"}""", "trial.encoder")]
    [InlineData("""{"reconstruction": "cycle"}""", "trial.reconstruction")]
    [InlineData("""{"lambdaL1": 1}""", "trial.lambda_l1")]
    public void What_has_no_use_is_refused_by_its_field(string trial, string field) =>
        Assert.Contains(SweepSpecRules.Check(Specs.Of($$"""{"name": "u", "trial": {{trial}}}""")), violation => violation.Field == field);

    [Fact]
    public void Searched_objectives_are_resolved_trial_by_trial()
    {
        var spec = SweepDefaults.Apply(Specs.Of("""
            {"name": "u", "method": "grid", "parameters": {"objective": {"values": ["none", "divco"]}, "reconstruction": {"values": ["cycle", "cross_cycle"]}}, "trial": {"task": "unpaired"}}
            """));
        Assert.Empty(SweepSpecRules.Check(spec));
        Assert.Equal((false, false), (spec.Trial.HasEncoder, spec.Trial.HasContentUpdates));
        var trial = SweepDefaults.Resolve(spec, [new("objective", Value.ForString("divco")), new("reconstruction", Value.ForString("cross_cycle"))]);
        Assert.Equal(("content", 3, 10.0), (trial.Encoder, trial.ContentUpdates, trial.LambdaL1));
    }
}
