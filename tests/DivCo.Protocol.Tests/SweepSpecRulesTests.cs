using DivCo.Protocol.Rules;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Tests;

public sealed class SweepSpecRulesTests
{
    [Fact]
    public void A_sensible_spec_breaks_no_rule() => Assert.Empty(SweepSpecRules.Check(Specs.Valid()));

    [Fact]
    public void Every_field_of_a_trial_has_a_rule() => Assert.Equal(ParameterPath.All, TrialFields.Rules.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("""{"name": "Fashion"}""", "name", "a-z, 0-9")]
    [InlineData("""{"name": "-x"}""", "name", "beginning with a letter or digit")]
    [InlineData("""{"method": "gird"}""", "method", "did you mean grid?")]
    [InlineData("""{"metric": {"name": "diversty"}}""", "metric.name", "did you mean diversity?")]
    [InlineData("""{"metric": {"goal": "min"}}""", "metric.goal", "one of minimize, maximize")]
    [InlineData("""{"limits": {"maxTrials": 0}}""", "limits.max_trials", "at least 1 and at most 10000")]
    [InlineData("""{"limits": {"maxTrials": 10001}}""", "limits.max_trials", "10001")]
    [InlineData("""{"limits": {"maxConcurrent": 0}}""", "limits.max_concurrent", "at least 1")]
    [InlineData("""{"limits": {"maxFailed": -1}}""", "limits.max_failed", "at least 0")]
    [InlineData("""{"resources": {"workers": 0}}""", "resources.workers", "at least 1")]
    [InlineData("""{"resources": {"workers": 3}}""", "resources.workers", "at most 2 workers")]
    [InlineData("""{"resources": {"audit": 1.5}}""", "resources.audit", "1.5 is out of range; must be at least 0 and at most 1")]
    [InlineData("""{"resources": {"audit": -0.01}}""", "resources.audit", "at least 0")]
    [InlineData("""{"resources": {"audit": "NaN"}}""", "resources.audit", "at most 1")]
    [InlineData("""{"resources": {"elastic": {"min": 0}}}""", "resources.elastic.min", "at least 1 and at most resources.workers, 1")]
    [InlineData("""{"resources": {"workers": 1, "elastic": {"min": 2}}}""", "resources.elastic.min", "2 is out of range")]
    [InlineData("""{"resources": {"workers": 2, "elastic": {"max": 1}}}""", "resources.elastic.max", "at least resources.workers, 2")]
    [InlineData("""{"resources": {"workers": 2, "elastic": {"max": 3}}}""", "resources.elastic.max", "at most 2 workers")]
    [InlineData("""{"resources": {"activationMemory": "one"}}""", "resources.activation_memory", "must be one of all_shards, one_shard")]
    [InlineData("""{"resources": {"activationMemory": "one_shards"}}""", "resources.activation_memory", "did you mean one_shard?")]
    [InlineData("""{"trial": {"task": "pair"}}""", "trial.task", "class_conditional")]
    [InlineData("""{"trial": {"objective": "mode_seek"}}""", "trial.objective", "one of divco, mode_seeking, latent_regression, none")]
    [InlineData("""{"trial": {"objective": "mode_seeking", "negatives": 4}}""", "trial.negatives", "without the contrastive term")]
    [InlineData("""{"trial": {"objective": "none", "shards": {"negatives": 2}}}""", "trial.shards.negatives", "without the contrastive term")]
    [InlineData("""{"trial": {"objective": "latent_regression", "lambdaContra": 0, "tau": 1}}""", "trial.tau", "lambda_contra above 0")]
    [InlineData("""{"trial": {"objective": "none", "lambdaMs": 1}}""", "trial.lambda_ms", "no diversity term")]
    [InlineData("""{"parameters": {"objective": {"values": ["none", "mode_seeking"]}, "tau": {"values": [1]}}}""", "parameters.tau", "without the contrastive term")]
    [InlineData("""{"parameters": {"objective": {"values": ["none", "divco"]}}, "trial": {"shards": {"negatives": 3}}}""", "trial.shards.negatives", "3 does not divide negatives 10")]
    [InlineData("""{"parameters": {"objective": {"values": ["none", "divco"]}}, "resources": {"workers": 4}, "trial": {"shards": {"data": 2, "negatives": 2}}}""", "resources.workers", "at most 2 workers")]
    [InlineData("""{"trial": {"lambdaMs": -1}}""", "trial.lambda_ms", "at least 0")]
    [InlineData("""{"trial": {"optimizer": {"schedule": "cosine"}}}""", "trial.optimizer.schedule", "one of constant, linear")]
    [InlineData("""{"trial": {"optimizer": {"decayFrom": 100}}}""", "trial.optimizer.decay_from", "use optimizer.schedule: linear")]
    [InlineData("""{"trial": {"steps": 100, "optimizer": {"schedule": "linear", "decayFrom": 100}}}""", "trial.optimizer.decay_from", "100 is not below steps 100")]
    [InlineData("""{"trial": {"dataset": {"name": "cifar"}}}""", "trial.dataset.name", "fashion-mnist, modes")]
    [InlineData("""{"trial": {"tau": 0}}""", "trial.tau", "0 is not allowed; must be at least 0.000001")]
    [InlineData("""{"trial": {"tau": -1}}""", "trial.tau", "-1")]
    [InlineData("""{"trial": {"tau": "NaN"}}""", "trial.tau", "NaN is not a number")]
    [InlineData("""{"trial": {"tau": "Infinity"}}""", "trial.tau", "not a number")]
    [InlineData("""{"trial": {"radius": 0}}""", "trial.radius", "above 0 and at most 3")]
    [InlineData("""{"trial": {"radius": 3.01}}""", "trial.radius", "3.01")]
    [InlineData("""{"trial": {"lambdaContra": -0.1}}""", "trial.lambda_contra", "at least 0")]
    [InlineData("""{"trial": {"optimizer": {"lr": 0}}}""", "trial.optimizer.lr", "above 0")]
    [InlineData("""{"trial": {"optimizer": {"beta2": 1}}}""", "trial.optimizer.beta2", "below 1")]
    [InlineData("""{"trial": {"dataset": {"name": "modes"}, "model": {"imageSize": 48}}}""", "trial.model.image_size", "32, 64, 128, 256")]
    [InlineData("""{"trial": {"model": {"imageSize": 64}}}""", "trial.model.image_size", "fashion-mnist")]
    [InlineData("""{"trial": {"model": {"channels": 3}}}""", "trial.model.channels", "fashion-mnist")]
    [InlineData("""{"trial": {"model": {"norm": "layer"}}}""", "trial.model.norm", "batch, instance, none")]
    [InlineData("""{"trial": {"batchSize": 32, "shards": {"data": 3}}}""", "trial.shards.data", "3 does not divide batch_size 32")]
    [InlineData("""{"trial": {"negatives": 10, "shards": {"negatives": 4}}}""", "trial.shards.negatives", "use one of 1, 2, 5, 10")]
    [InlineData("""{"trial": {"steps": 0}}""", "trial.steps", "at least 1")]
    [InlineData("""{"metric": {"name": "frechet_distance"}}""", "metric.name", "write evaluation: {} below trial")]
    [InlineData("""{"metric": {"name": "mode_coverage"}, "trial": {"evaluation": {}}}""", "metric.name", "not on fashion-mnist; use coverage")]
    [InlineData("""{"trial": {"evaluation": {"samples": 99}}}""", "trial.evaluation.samples", "at least 100")]
    [InlineData("""{"trial": {"evaluation": {"imagesPerStep": 49}}}""", "trial.evaluation.images_per_step", "at least 50")]
    [InlineData("""{"trial": {"evaluation": {"every": 300}}}""", "trial.evaluation.every", "no multiple of checkpoint.every 200, and checkpoints are what is judged; use 400")]
    [InlineData("""{"trial": {"evaluation": {}, "checkpoint": {"every": 30}}}""", "trial.evaluation.images_per_step", "up to 61 steps, so that the next checkpoint, 30 steps on, would have to wait; use 207 or more")]
    [InlineData("""{"parameters": {"evaluation.samples": {"values": [1000]}}}""", "parameters.evaluation.samples", "cannot be searched alone")]
    [InlineData("""{"parameters": {"taw": {"values": [1]}}}""", "parameters.taw", "did you mean tau?")]
    [InlineData("""{"parameters": {"lr": {"values": [0.1]}}}""", "parameters.lr", "did you mean optimizer.lr?")]
    [InlineData("""{"parameters": {"model": {"values": [1]}}}""", "parameters.model", "model.width")]
    [InlineData("""{"parameters": {"tau": {}}}""", "parameters.tau", "values: [...]")]
    [InlineData("""{"parameters": {"tau": {"values": [1], "min": 1}}}""", "parameters.tau", "values and a distribution")]
    [InlineData("""{"parameters": {"tau": {"values": [1, 0]}}}""", "parameters.tau.values[1]", "0 is not allowed")]
    [InlineData("""{"parameters": {"tau": {"values": [1, 2, 1]}}}""", "parameters.tau.values[2]", "stands twice")]
    [InlineData("""{"parameters": {"tau": {"values": ["a"]}}}""", "parameters.tau.values[0]", "'a' is not a number")]
    [InlineData("""{"parameters": {"tau": {"values": [null]}}}""", "parameters.tau.values[0]", "nothing (null)")]
    [InlineData("""{"parameters": {"model.width": {"values": [8.5]}}}""", "parameters.model.width.values[0]", "whole number")]
    [InlineData("""{"parameters": {"seed": {"values": [1e18]}}}""", "parameters.seed.values[0]", "2^53")]
    [InlineData("""{"parameters": {"feature_norm": {"values": ["yes"]}}}""", "parameters.feature_norm.values[0]", "true or false")]
    [InlineData("""{"parameters": {"tau": {"min": 1, "max": 2}}}""", "parameters.tau.distribution", "is missing")]
    [InlineData("""{"parameters": {"tau": {"distribution": "normal", "min": 1, "max": 2}}}""", "parameters.tau.distribution", "uniform, log_uniform, int_uniform")]
    [InlineData("""{"parameters": {"tau": {"distribution": "uniform", "min": 1}}}""", "parameters.tau.max", "is missing")]
    [InlineData("""{"parameters": {"tau": {"distribution": "uniform", "min": 2, "max": 1}}}""", "parameters.tau.min", "not below max 1")]
    [InlineData("""{"parameters": {"tau": {"distribution": "uniform", "min": 0, "max": 1}}}""", "parameters.tau.min", "0 is not allowed")]
    [InlineData("""{"parameters": {"radius": {"distribution": "uniform", "min": 1, "max": 4}}}""", "parameters.radius.max", "at most 3")]
    [InlineData("""{"parameters": {"lambda_contra": {"distribution": "log_uniform", "min": 0, "max": 1}}}""", "parameters.lambda_contra.min", "no logarithm")]
    [InlineData("""{"parameters": {"negatives": {"distribution": "uniform", "min": 1, "max": 4}}}""", "parameters.negatives.distribution", "int_uniform")]
    [InlineData("""{"parameters": {"negatives": {"distribution": "int_uniform", "min": 1.5, "max": 4}}}""", "parameters.negatives.min", "whole")]
    [InlineData("""{"parameters": {"model.norm": {"distribution": "uniform", "min": 1, "max": 4}}}""", "parameters.model.norm", "values: [...]")]
    [InlineData("""{"trial": {"tau": 1}, "parameters": {"tau": {"values": [1]}}}""", "trial.tau", "in trial and in parameters")]
    [InlineData("""{"parameters": {"batch_size": {"values": [32, 33]}}, "trial": {"shards": {"data": 2}}}""", "trial.shards.data", "batch_size 33")]
    [InlineData("""{"parameters": {"batch_size": {"distribution": "int_uniform", "min": 32, "max": 64}}, "trial": {"shards": {"data": 2}}}""", "trial.shards.data", "batch_size 33")]
    [InlineData("""{"parameters": {"shards.data": {"values": [1, 2, 3]}}}""", "parameters.shards.data", "3 does not divide")]
    [InlineData("""{"parameters": {"shards.data": {"values": [1, 2]}}, "resources": {"workers": 2}}""", "resources.workers", "only 1 shard ")]
    [InlineData("""{"parameters": {"dataset.name": {"values": ["modes", "fashion-mnist"]}}, "trial": {"model": {"channels": 3}}}""", "trial.model.channels", "fashion-mnist")]
    [InlineData("""{"method": "grid"}""", "parameters", "at least one parameter")]
    [InlineData("""{"method": "grid", "parameters": {"tau": {"distribution": "uniform", "min": 1, "max": 2}}}""", "parameters.tau", "a grid needs values")]
    public void A_broken_rule_is_named_with_its_field(string json, string field, string part)
    {
        var spec = new SweepSpec { Name = "x" };
        spec.MergeFrom(Specs.Of(json));

        var violation = Assert.Single(SweepSpecRules.Check(spec));

        Assert.Equal(field, violation.Field);
        Assert.Contains(part, violation.Description);
        Assert.Equal(SweepSpecRules.Check(spec), SweepSpecRules.Check(SweepDefaults.Apply(spec)));
    }

    [Fact]
    public void A_trial_may_grow_to_as_many_workers_as_it_has_shards() => Assert.Empty(SweepSpecRules.Check(Specs.Of("""
        {"name": "e", "resources": {"workers": 2, "elastic": {"min": 1, "max": 4}}, "trial": {"batchSize": 64, "shards": {"data": 4}}}
        """)));

    [Fact]
    public void All_violations_come_at_once()
    {
        var spec = Specs.Of("""
            {"name": "X", "method": "bayes", "resources": {"workers": 9}, "trial": {"tau": -1, "batchSize": 32, "shards": {"data": 3}},
             "parameters": {"taw": {"values": [1]}}}
            """);
        Assert.Equal(["name", "method", "parameters.taw", "trial.tau", "trial.shards.data", "resources.workers"],
            SweepSpecRules.Check(spec).Select(violation => violation.Field));
    }

    [Fact]
    public void Grids_and_lists_are_bounded()
    {
        var spec = new SweepSpec { Name = "g", Method = "grid" };
        foreach (var path in (string[])["tau", "radius", "lambda_contra", "optimizer.lr"])
        {
            spec.Parameters.Add(path, new ParameterSpec { Values = { Enumerable.Range(1, 11).Select(i => Value.ForNumber(i / 11.0)) } });
        }

        Assert.Contains("14641 combinations", Assert.Single(SweepSpecRules.Check(spec)).Description);
        var list = new SweepSpec { Name = "l" };
        list.Parameters.Add("tau", new ParameterSpec { Values = { Enumerable.Range(1, 1001).Select(i => Value.ForNumber(i)) } });
        Assert.Equal("parameters.tau.values", Assert.Single(SweepSpecRules.Check(list)).Field);
    }

    [Fact]
    public void The_size_of_a_grid_saturates()
    {
        var spec = new SweepSpec();
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(1L << (8 * i), GridSize.Of(spec));
            spec.Parameters.Add($"p{i}", new ParameterSpec { Values = { Enumerable.Repeat(Value.ForNumber(1), 256) } });
        }

        Assert.Equal(long.MaxValue, GridSize.Of(spec));
    }

    [Fact]
    public void A_weight_beside_searched_objectives_warns_that_it_counts_in_all_of_them()
    {
        var spec = Specs.Of("""{"name": "n", "parameters": {"objective": {"values": ["mode_seeking", "divco"]}}, "trial": {"lambdaContra": 2}}""");

        Assert.Empty(SweepSpecRules.Check(spec));
        Assert.Equal("trial.lambda_contra", Assert.Single(SweepSpecRules.Warnings(spec)).Field);
    }

    [Fact]
    public void Batch_norm_over_shards_of_negatives_warns_and_names_instance_norm()
    {
        var spec = Specs.Of("""{"name": "n", "trial": {"shards": {"negatives": 2}}}""");

        Assert.Empty(SweepSpecRules.Check(spec));
        var warning = Assert.Single(SweepSpecRules.Warnings(spec));
        Assert.Equal("trial.model.norm", warning.Field);
        Assert.Contains("norm: instance", warning.Description);
    }
}
