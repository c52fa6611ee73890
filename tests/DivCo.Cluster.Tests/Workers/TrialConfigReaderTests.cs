using DivCo.Cluster.Workers;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training;
using Google.Protobuf;

namespace DivCo.Cluster.Tests.Workers;

public sealed class TrialConfigReaderTests
{
    [Fact]
    public void A_class_conditional_trial_has_nothing_of_other_tasks()
    {
        var config = Read("{}");
        Assert.Equal((Objective.DivCo, Norm.Batch, EncoderHead.Projection, Reduction.Mean), (config.Objective, config.Model.Norm, config.EncoderHead, config.ContrastiveReduction));
        Assert.Equal((AdversarialForm.Bce, LearningRateSchedule.Constant), (config.Adversarial, config.Optimizer.Schedule));
        Assert.Null(config.Paired);
        Assert.Null(config.Unpaired);
    }

    [Fact]
    public void A_paired_trial_is_read_with_all_of_its_fields()
    {
        var config = Read("""
            {"task": "paired", "encoder": "vae", "lambdaL1": 7, "lambdaKl": 0.02, "lambdaMs": 0.3, "lambdaZ": 0.4, "extraCode": true, "featureNorm": false,
             "contrastiveReduction": "sum", "adversarial": "hinge", "optimizer": {"schedule": "linear", "decayFrom": 5}, "steps": 10}
            """);
        Assert.Equal(
            new PairedConfig { Architecture = PairedArchitecture.BicycleGan, Encoder = PairedEncoder.Vae, LambdaL1 = 7, LambdaKl = 0.02 }, config.Paired);
        Assert.Equal((0.3, 0.3, 0.4, true, false), (config.LambdaContra, config.LambdaMs, config.LambdaZ, config.ExtraCode, config.FeatureNorm));
        Assert.Equal((Reduction.Sum, AdversarialForm.Hinge, Norm.None), (config.ContrastiveReduction, config.Adversarial, config.Model.Norm));
        Assert.Equal(LearningRateSchedule.Linear(5, 10), config.Optimizer.Schedule);
        Assert.Null(config.Unpaired);
    }

    [Fact]
    public void Pix2pix_reads_no_divergence_and_no_latent()
    {
        var config = Read("""{"task": "paired", "objective": "none", "model": {"architecture": "pix2pix"} }""");
        Assert.Equal((PairedArchitecture.Pix2Pix, PairedEncoder.Generator, 10.0, 0.0), (config.Paired!.Architecture, config.Paired.Encoder, config.Paired.LambdaL1, config.Paired.LambdaKl));
        Assert.Equal((0, 0, 1), (config.Model.LatentDim, config.Negatives, config.NegativeShards));
    }

    [Fact]
    public void An_unpaired_trial_is_read_with_all_of_its_fields()
    {
        var config = Read("""
            {"task": "unpaired", "objective": "latent_regression", "lambdaContra": 2, "encoder": "attribute", "contentUpdates": 5, "lambdaL1": 7, "lambdaKl": 0.02}
            """);
        Assert.Equal(
            new UnpairedConfig { Reconstruction = Reconstruction.CrossCycle, Encoder = UnpairedEncoder.Attribute, ContentUpdates = 5, LambdaL1 = 7, LambdaKl = 0.02 },
            config.Unpaired);
        Assert.Equal((2.0, 0.0, 10.0, AdversarialForm.LeastSquares), (config.LambdaContra, config.LambdaMs, config.LambdaZ, config.Adversarial));
        Assert.Null(config.Paired);
    }

    [Fact]
    public void A_cycle_reads_nothing_of_attributes_and_contents()
    {
        var config = Read("""{"task": "unpaired", "reconstruction": "cycle"}""");
        Assert.Equal(
            new UnpairedConfig { Reconstruction = Reconstruction.Cycle, Encoder = UnpairedEncoder.Content, ContentUpdates = 0, LambdaL1 = 10, LambdaKl = 0 }, config.Unpaired);
    }

    /// <summary>Any term can be added to any objective but none by its weight, where the networks have what it needs.</summary>
    [Theory]
    [InlineData("class_conditional")]
    [InlineData("paired")]
    [InlineData("unpaired")]
    public void Weights_add_their_terms_to_every_task_and_objective(string task)
    {
        foreach (var objective in (string[])["divco", "mode_seeking", "latent_regression"])
        {
            var config = Read($$"""{"task": "{{task}}", "objective": "{{objective}}", "lambdaContra": 0.1, "lambdaMs": 0.2, "lambdaZ": 0.3, "negatives": 6, "radius": 0.2}""");
            Assert.Equal((0.1, 0.2, 0.3, 6, 0.2), (config.LambdaContra, config.LambdaMs, config.LambdaZ, config.Negatives, config.Radius));
        }
    }

    [Theory]
    [InlineData("objective")]
    [InlineData("adversarial")]
    [InlineData("reconstruction")]
    public void What_another_version_accepted_is_named(string field)
    {
        var trial = Complete("""{"task": "unpaired"}""");
        TrialSpec.Descriptor.FindFieldByName(field).Accessor.SetValue(trial, "magic");
        var refusal = Assert.Throws<InvalidOperationException>(() => TrialConfigReader.Read(trial));
        Assert.Contains($"trial.{field}: 'magic'", refusal.Message, StringComparison.Ordinal);
    }

    private static TrainingConfig Read(string trial) => TrialConfigReader.Read(Complete(trial));

    private static TrialSpec Complete(string trial)
    {
        var spec = SweepDefaults.Apply(new SweepSpec { Name = "x", Trial = JsonParser.Default.Parse<TrialSpec>(trial) });
        Assert.Empty(SweepSpecRules.Check(spec));
        return spec.Trial;
    }
}
