using DivCo.Protocol.V1;

namespace DivCo.Protocol.Tests;

public sealed class DatasetRulesTests
{
    [Theory]
    [InlineData("edges-to-fashion", "trial.dataset.name: edges-to-fashion does not fit task class_conditional, which trains on labelled images; use one of fashion-mnist, modes, cifar-10, image-folder")]
    [InlineData("image-folder", "trial.dataset.path: is missing")]
    public void A_set_must_fit_its_task_and_be_complete(string name, string expected) =>
        Assert.Contains(Check(new DatasetSpec { Name = name }), violation => violation.StartsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void Fields_of_other_sets_have_no_meaning()
    {
        var violations = Check(new DatasetSpec { Name = "modes", Path = "/data", LoadSize = 40, Flip = true });
        Assert.Equal(
            ["trial.dataset.path", "trial.dataset.load_size", "trial.dataset.flip"],
            violations.Where(violation => violation.Contains("has no meaning for modes", StringComparison.Ordinal)).Select(violation => violation.Split(':')[0]));
    }

    [Fact]
    public void Cifar_10_is_in_colour_unless_the_model_says_otherwise()
    {
        var spec = Spec(new DatasetSpec { Name = "cifar-10" });
        Assert.Empty(SweepSpecRules.Check(spec));
        var complete = SweepDefaults.Apply(spec).Trial;
        Assert.Equal((3, true, false), (complete.Model.Channels, complete.Dataset.HasFlip, complete.Dataset.Flip));
        spec.Trial.Model = new ModelSpec { Channels = 1 };
        Assert.Contains("trial.model.channels: 1 does not fit cifar-10: its images are in colour; use 3", Violations(spec));
    }

    [Fact]
    public void A_folder_has_a_path_and_a_size_to_load()
    {
        var spec = Spec(new DatasetSpec { Name = "image-folder", Path = "flowers" });
        Assert.Empty(SweepSpecRules.Check(spec));
        var complete = SweepDefaults.Apply(spec).Trial;
        Assert.Equal((3, 32, false), (complete.Model.Channels, complete.Dataset.LoadSize, complete.Dataset.Flip));
        Assert.Contains(
            "trial.dataset.load_size: 32 is less than model.image_size 64, which is cut from it; use at least 64",
            Violations(new SweepSpec(spec) { Trial = new TrialSpec(spec.Trial) { Dataset = new DatasetSpec(spec.Trial.Dataset) { LoadSize = 32 }, Model = new ModelSpec { ImageSize = 64 } } }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../secret")]
    [InlineData("a/../../b")]
    [InlineData("a\nb")]
    public void A_path_must_be_plain(string path) =>
        Assert.Contains(Check(new DatasetSpec { Name = "image-folder", Path = path }), violation => violation.StartsWith("trial.dataset.path: ", StringComparison.Ordinal));

    /// <summary>The hash of a trial is its identity: what was added for other sets must not change it.</summary>
    [Fact]
    public void Older_sets_keep_their_complete_spec()
    {
        var trial = SweepDefaults.Apply(Spec(new DatasetSpec { Name = "fashion-mnist" })).Trial;
        Assert.Equal(new DatasetSpec { Name = "fashion-mnist" }, trial.Dataset);
        Assert.Equal(1, trial.Model.Channels);
    }

    private static SweepSpec Spec(DatasetSpec dataset) => new() { Name = "a", Trial = new TrialSpec { Dataset = dataset } };

    private static IEnumerable<string> Check(DatasetSpec dataset) => Violations(Spec(dataset));

    private static IEnumerable<string> Violations(SweepSpec spec) => SweepSpecRules.Check(spec).Select(violation => $"{violation.Field}: {violation.Description}");
}
