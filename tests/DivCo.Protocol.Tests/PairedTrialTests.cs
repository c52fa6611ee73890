namespace DivCo.Protocol.Tests;

public sealed class PairedTrialTests
{
    [Fact]
    public void The_task_alone_becomes_a_trial_with_the_published_settings()
    {
        var complete = SweepDefaults.Apply(Specs.Of("""{"name": "p", "trial": {"task": "paired"}}"""));
        Assert.Empty(SweepSpecRules.Check(complete));
        Assert.Equal(complete, SweepDefaults.Apply(complete));
        var trial = complete.Trial;
        Assert.Equal(("edges-to-fashion", "bicycle_gan", 64, 8, 1), (trial.Dataset.Name, trial.Model.Architecture, trial.Model.Width, trial.Model.LatentDim, trial.BatchSize));
        Assert.Equal((2e-4, 0.5, 0.999, 0.0), (trial.Optimizer.Lr, trial.Optimizer.Beta1, trial.Optimizer.Beta2, trial.Optimizer.WeightDecay));
        Assert.Equal(("generator", 10.0, 0.01, "lsgan"), (trial.Encoder, trial.LambdaL1, trial.LambdaKl, trial.Adversarial));
        Assert.Equal((10, 0.01, 1.0, 0.3), (trial.Negatives, trial.Radius, trial.Tau, trial.LambdaContra));
        Assert.False(trial.HasEncoderHead || trial.Model.HasNorm || trial.Model.HasFeatureDim || trial.HasReconstruction);
    }

    [Theory]
    [InlineData("mode_seeking", false, 1.0, null)]
    [InlineData("latent_regression", false, null, 0.5)]
    [InlineData("none", false, null, null)]
    [InlineData("divco", true, null, null)]
    public void An_objective_has_its_own_weight_and_only_the_contrastive_one_an_encoder(string objective, bool encoder, double? ms, double? z)
    {
        var complete = SweepDefaults.Apply(Specs.Of($$"""{"name": "p", "trial": {"task": "paired", "objective": "{{objective}}"} }"""));
        Assert.Empty(SweepSpecRules.Check(complete));
        var trial = complete.Trial;
        Assert.Equal((encoder, ms, z), (trial.HasEncoder, trial.HasLambdaMs ? trial.LambdaMs : null, trial.HasLambdaZ ? trial.LambdaZ : null));
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("divco", 8)]
    public void Pix2pix_encodes_nothing_and_is_deterministic_where_nothing_asks_for_differences(string objective, int latentDim)
    {
        var complete = SweepDefaults.Apply(Specs.Of(
            $$"""{"name": "p", "trial": {"task": "paired", "objective": "{{objective}}", "model": {"architecture": "pix2pix"} } }"""));
        Assert.Empty(SweepSpecRules.Check(complete));
        Assert.Equal((latentDim, false, true), (complete.Trial.Model.LatentDim, complete.Trial.HasLambdaKl, complete.Trial.HasLambdaL1));
    }

    [Theory]
    [InlineData("""{"task": "paired", "encoderHead": "none"}""", "trial.encoder_head")]
    [InlineData("""{"task": "paired", "model": {"norm": "instance"}}""", "trial.model.norm")]
    [InlineData("""{"task": "paired", "objective": "none", "encoder": "vae"}""", "trial.encoder")]
    [InlineData("""{"task": "paired", "encoder": "content"}""", "trial.encoder")]
    [InlineData("""{"task": "unpaired", "encoder": "generator"}""", "trial.encoder")]
    [InlineData("""{"task": "paired", "model": {"architecture": "pix2pix"}, "encoder": "vae"}""", "trial.encoder")]
    [InlineData("""{"task": "paired", "model": {"architecture": "pix2pix"}, "objective": "latent_regression"}""", "trial.model.architecture")]
    [InlineData("""{"task": "paired", "model": {"architecture": "pix2pix"}, "lambdaZ": 1}""", "trial.model.architecture")]
    [InlineData("""{"task": "paired", "model": {"architecture": "pix2pix"}, "lambdaKl": 1}""", "trial.lambda_kl")]
    [InlineData("""{"task": "paired", "model": {"architecture": "unet"}}""", "trial.model.architecture")]
    [InlineData("""{"task": "paired", "model": {"latentDim": 0}}""", "trial.model.latent_dim")]
    [InlineData("""{"model": {"latentDim": 0}}""", "trial.model.latent_dim")]
    [InlineData("""{"task": "paired", "reconstruction": "cycle"}""", "trial.reconstruction")]
    [InlineData("""{"task": "paired", "dataset": {"name": "fashion-mnist"}}""", "trial.dataset.name")]
    [InlineData("""{"model": {"architecture": "pix2pix"}}""", "trial.model.architecture")]
    [InlineData("""{"lambdaKl": 1}""", "trial.lambda_kl")]
    public void What_has_no_use_is_refused_by_its_field(string trial, string field) =>
        Assert.Contains(SweepSpecRules.Check(Specs.Of($$"""{"name": "p", "trial": {{trial}}}""")), violation => violation.Field == field);
}
