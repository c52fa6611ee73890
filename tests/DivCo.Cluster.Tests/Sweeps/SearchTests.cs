using DivCo.Cluster.Sweeps.Search;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Tests.Sweeps;

public sealed class SearchTests
{
    [Fact]
    public void A_grid_visits_every_combination_once()
    {
        var spec = Specs.Random();
        spec.Method = "grid";
        spec.Limits.ClearMaxTrials();
        spec.Parameters["lambda_contra"] = new ParameterSpec { Values = { Value.ForNumber(1), Value.ForNumber(2), Value.ForNumber(3) } };
        Assert.Equal(6, SearchMethod.Trials(spec));
        var drawn = Enumerable.Range(0, 6).Select(index => SearchMethod.Draw(spec, index).Fields)
            .Select(fields => (fields["lambda_contra"].NumberValue, fields["tau"].NumberValue)).ToList();
        Assert.Equal([(1, 0.1), (1, 1), (2, 0.1), (2, 1), (3, 0.1), (3, 1)], drawn);
    }

    [Fact]
    public void A_grid_too_large_to_count_has_as_many_trials_as_are_allowed()
    {
        var spec = Specs.Random(maxTrials: 5);
        spec.Method = "grid";
        foreach (var path in Enumerable.Range(0, 8).Select(i => $"p{i}"))
        {
            spec.Parameters[path] = new ParameterSpec { Values = { Enumerable.Repeat(Value.ForNumber(1), 256) } };
        }

        Assert.Equal(5, SearchMethod.Trials(spec));
    }

    [Fact]
    public void Every_data_set_that_can_be_drawn_is_known_beforehand()
    {
        var spec = Specs.Random();
        spec.Trial.Model.ClearImageSize();
        spec.Parameters["model.image_size"] = new ParameterSpec { Values = { Value.ForNumber(32), Value.ForNumber(64) } };
        Assert.Equal([("modes", 32, 1), ("modes", 64, 1)], SearchMethod.Datasets(spec, dataRoot: null).Select(set => (set.Name, set.ImageSize, set.Channels)));
    }

    [Fact]
    public void A_draw_depends_on_nothing_but_its_address()
    {
        var spec = Specs.Random();
        var wider = spec.Clone();
        wider.Parameters["radius"] = new ParameterSpec { Distribution = "uniform", Min = 0.1, Max = 1 };
        for (var index = 0; index < 20; index++)
        {
            Assert.Equal(SearchMethod.Draw(spec, index).Fields["lambda_contra"], SearchMethod.Draw(wider, index).Fields["lambda_contra"]);
        }

        Assert.Equal(20, Enumerable.Range(0, 20).Select(index => SearchMethod.Draw(spec, index).Fields["lambda_contra"].NumberValue).Distinct().Count());
    }

    [Fact]
    public void Log_uniform_draws_have_a_uniform_logarithm()
    {
        var spec = Specs.Random();
        var sorted = Enumerable.Range(0, 4000)
            .Select(index => (Math.Log(SearchMethod.Draw(spec, index).Fields["lambda_contra"].NumberValue) - Math.Log(0.1)) / Math.Log(100))
            .Order().ToList();
        var distance = sorted.Select((value, i) => Math.Max(Math.Abs(value - (i / 4000.0)), Math.Abs(value - ((i + 1) / 4000.0)))).Max();

        // Kolmogorov-Smirnov at the 0.1 % level: 1.95 / sqrt(n).
        Assert.True(distance < 1.95 / Math.Sqrt(4000), $"distance {distance}");
    }

    [Fact]
    public void Int_uniform_reaches_both_ends()
    {
        var spec = Specs.Random();
        spec.Parameters["negatives"] = new ParameterSpec { Distribution = "int_uniform", Min = 2, Max = 4 };
        var counts = Enumerable.Range(0, 3000).CountBy(index => SearchMethod.Draw(spec, index).Fields["negatives"].NumberValue).ToDictionary();
        Assert.Equal([2.0, 3.0, 4.0], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 880, 1120));
    }
}
