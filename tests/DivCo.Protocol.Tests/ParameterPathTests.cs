using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Tests;

public sealed class ParameterPathTests
{
    [Fact]
    public void Values_are_set_at_their_paths_in_a_copy()
    {
        var trial = new TrialSpec();
        var drawn = ParameterPath.With(trial, new Dictionary<string, Value>
        {
            ["model.width"] = Value.ForNumber(16),
            ["optimizer.lr"] = Value.ForNumber(0.5),
            ["seed"] = Value.ForNumber(9007199254740992),
            ["model.norm"] = Value.ForString("none"),
            ["feature_norm"] = Value.ForBool(false),
        });

        Assert.Equal(new TrialSpec(), trial);
        Assert.Equal(new TrialSpec
        {
            Model = new ModelSpec { Width = 16, Norm = "none" },
            Optimizer = new OptimizerSpec { Lr = 0.5 },
            Seed = 9007199254740992,
            FeatureNorm = false,
        }, drawn);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model.")]
    [InlineData("model.width.x")]
    [InlineData("Tau")]
    public void A_path_that_names_no_value_is_refused(string path) => Assert.Contains(path, Assert.Throws<ArgumentException>(
        () => ParameterPath.With(new TrialSpec(), [new(path, Value.ForNumber(1))])).Message);

    [Theory]
    [InlineData(1.5)]
    [InlineData(3e9)]
    [InlineData(double.NaN)]
    public void A_value_of_another_type_is_refused(double number) => Assert.Throws<ArgumentException>(
        () => ParameterPath.With(new TrialSpec(), [new("model.width", Value.ForNumber(number))]));

    [Theory]
    [InlineData("taw", "tau")]
    [InlineData("lamda_contra", "lambda_contra")]
    [InlineData("batchsize", "batch_size")]
    [InlineData("width", "model.width")]
    [InlineData("zzz", null)]
    [InlineData("", null)]
    public void The_nearest_key_is_what_was_probably_meant(string key, string? nearest) =>
        Assert.Equal(nearest, NearestKey.Of(key, ParameterPath.All));
}
