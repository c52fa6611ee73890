using DivCo.Protocol.V1;

namespace DivCo.Protocol.Tests;

public sealed class SweepDefaultsTests
{
    [Fact]
    public void A_spec_with_a_name_alone_becomes_complete_and_valid()
    {
        var complete = SweepDefaults.Apply(new SweepSpec { Name = "x" });

        Assert.Empty(SweepSpecRules.Check(complete));
        Assert.Equal(
            [
                "content_updates", "dataset.flip", "dataset.load_size", "dataset.path", "encoder", "evaluation.every", "evaluation.images_per_step",
                "evaluation.samples", "lambda_kl", "lambda_l1", "lambda_ms", "lambda_z", "model.architecture", "optimizer.decay_from", "reconstruction",
            ],
            ParameterPath.All.Where(path => ParameterPath.Get(complete.Trial, path) is null));
        Assert.Equal((1, "random", "diversity", "maximize", 1), (complete.Limits.MaxTrials, complete.Method, complete.Metric.Name,
            complete.Metric.Goal, complete.Resources.Workers));
        Assert.Equal((0.001, 2e-4, 128, 2), (complete.Trial.Radius, complete.Trial.Optimizer.Lr, complete.Trial.Model.Width, complete.Trial.Shards.Data));
        Assert.Equal((true, 0.0), (complete.Resources.HasAudit, complete.Resources.Audit));
    }

    [Fact]
    public void Activations_of_all_shards_are_kept_unless_said_otherwise()
    {
        Assert.Equal(SweepSpecRules.AllShards, SweepDefaults.Apply(Specs.Valid()).Resources.ActivationMemory);
        var less = SweepDefaults.Apply(Specs.Of("""{"name": "m", "resources": {"activation_memory": "one_shard"}}"""));
        Assert.Equal(SweepSpecRules.OneShard, less.Resources.ActivationMemory);
    }

    [Fact]
    public void Applying_twice_changes_nothing_and_the_argument_stays_as_it_was()
    {
        var spec = Specs.Valid();
        var once = SweepDefaults.Apply(spec);

        Assert.Equal(Specs.Valid(), spec);
        Assert.Equal(once, SweepDefaults.Apply(once));
    }

    [Fact]
    public void Searched_fields_get_no_default_and_the_seed_of_the_trial_is_that_of_the_spec()
    {
        var complete = SweepDefaults.Apply(Specs.Valid());

        Assert.False(complete.Trial.HasTau);
        Assert.False(complete.Trial.HasLambdaContra);
        Assert.True(complete.Trial.HasRadius);
        Assert.Equal(42UL, complete.Trial.Seed);
        var seeds = Specs.Of("""{"name": "s", "seed": 7, "parameters": {"seed": {"values": [1, 2]}}}""");
        Assert.False(SweepDefaults.Apply(seeds).Trial.HasSeed);
    }

    [Theory]
    [InlineData("""{"workers": 2, "elastic": {}}""", 1, 2)]
    [InlineData("""{"workers": 2, "elastic": {"max": 4}}""", 1, 4)]
    [InlineData("""{"workers": 3, "elastic": {"min": 2}}""", 2, 3)]
    public void An_elastic_trial_may_shrink_to_one_worker_and_grows_no_further_than_said(string resources, int min, int max)
    {
        var elastic = SweepDefaults.Apply(Specs.Of($$"""{"name": "e", "resources": {{resources}}}""")).Resources.Elastic;
        Assert.Equal((min, max), (elastic.Min, elastic.Max));
    }

    [Fact]
    public void A_trial_of_fixed_size_stays_so() => Assert.Null(SweepDefaults.Apply(Specs.Valid()).Resources.Elastic);

    [Theory]
    [InlineData("loss_g", "minimize")]
    [InlineData("diversity", "maximize")]
    [InlineData("samples_per_s", "maximize")]
    [InlineData("frechet_distance", "minimize")]
    [InlineData("coverage", "maximize")]
    public void The_goal_follows_the_metric(string metric, string goal) =>
        Assert.Equal(goal, SweepDefaults.Apply(new SweepSpec { Metric = new Metric { Name = metric } }).Metric.Goal);

    [Fact]
    public void A_trial_that_judges_itself_does_so_at_every_checkpoint_unless_said_otherwise()
    {
        var evaluation = SweepDefaults.Apply(Specs.Of("""{"name": "e", "trial": {"evaluation": {}, "checkpoint": {"every": 70}}}""")).Trial.Evaluation;
        Assert.Equal((70, 2000, 100), (evaluation.Every, evaluation.Samples, evaluation.ImagesPerStep));
        Assert.Null(SweepDefaults.Apply(new SweepSpec { Name = "x" }).Trial.Evaluation);
    }

    [Fact]
    public void A_grid_is_run_whole() => Assert.Equal(6, SweepDefaults.Apply(Specs.Of("""
        {"name": "g", "method": "grid", "parameters": {"tau": {"values": [0.1, 1]}, "radius": {"values": [0.1, 1, 2]}}}
        """)).Limits.MaxTrials);

    [Theory]
    [InlineData("""{"trial": {"batchSize": 64}}""", 4)]
    [InlineData("""{"trial": {"batchSize": 32}}""", 2)]
    [InlineData("""{"trial": {"batchSize": 30}}""", 1)]
    [InlineData("""{"parameters": {"batch_size": {"values": [32, 64]}}}""", 2)]
    public void Data_shards_leave_sixteen_conditions_each(string json, int shards) =>
        Assert.Equal(shards, SweepDefaults.Apply(Specs.Of(json)).Trial.Shards.Data);
}
