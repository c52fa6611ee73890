using DivCo.Cluster.Api;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Tests.Api;

public sealed class DatasetBoundsTests
{
    [Theory]
    [InlineData("shoes", true)]
    [InlineData("shoes/../bags", true)]
    [InlineData("..shoes", true)]
    [InlineData("/etc", false)]
    [InlineData("../other", false)]
    [InlineData("shoes/../../other", false)]
    [InlineData("../data2/x", false)]
    [InlineData(".", false)]
    public void A_server_with_tokens_reads_below_its_folder_of_data_sets_alone(string path, bool allowed)
    {
        var spec = Spec(path);
        Assert.Equal(allowed, !DatasetBounds.Check(spec, isShared: true).Any());
        Assert.Empty(DatasetBounds.Check(spec, isShared: false));
    }

    [Fact]
    public void Every_path_that_the_search_may_draw_is_looked_at_and_named()
    {
        var spec = Spec("shoes");
        spec.Parameters["dataset.path"] = new ParameterSpec { Values = { Value.ForString("bags"), Value.ForString("/root") } };
        var violation = Assert.Single(DatasetBounds.Check(spec, isShared: true));
        Assert.Equal("parameters.dataset.path", violation.Field);
        Assert.Contains("'/root'", violation.Description, StringComparison.Ordinal);
        Assert.Contains("--datasets", violation.Description, StringComparison.Ordinal);
    }

    private static SweepSpec Spec(string path) => SweepDefaults.Apply(new SweepSpec
    {
        Method = "grid",
        Trial = new TrialSpec { Task = "class_conditional", Dataset = new DatasetSpec { Name = "image-folder", Path = path } },
    });
}
