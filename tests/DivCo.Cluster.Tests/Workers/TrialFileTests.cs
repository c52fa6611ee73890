using DivCo.Cluster.Workers;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cluster.Tests.Workers;

public sealed class TrialFileTests
{
    [Fact]
    public void A_trial_is_read_as_it_was_written_with_the_same_hash()
    {
        var trial = SweepDefaults.Apply(new SweepSpec { Name = "a", Seed = ulong.MaxValue, Trial = new TrialSpec { Tau = 1.0 / 3 } }).Trial;
        var text = TrialFile.Write(trial);
        Assert.Contains("\"batch_size\": 32", text, StringComparison.Ordinal);
        Assert.Equal(trial, TrialFile.Read(text));
        Assert.Equal(TrialHash.Of(trial), TrialHash.Of(TrialFile.Read(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"task\": 3}")]
    [InlineData("{\"no_such_field\": 3}")]
    [InlineData("{\"dataset\": {\"name\": \"modes\"}")]
    public void Anything_else_is_refused(string text) =>
        Assert.Contains("is not the JSON of a trial", Assert.Throws<InvalidDataException>(() => TrialFile.Read(text)).Message, StringComparison.Ordinal);
}
