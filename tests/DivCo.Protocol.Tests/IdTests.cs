using CsCheck;

namespace DivCo.Protocol.Tests;

public sealed class IdTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("fashion-demo-0a1b2c", true)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("../x", false)]
    [InlineData("a\n", false)]
    public void Sweep_ids_are_folder_names(string id, bool valid) => Assert.Equal(valid, SweepId.IsValid(id));

    [Fact]
    public void A_sweep_id_has_at_most_63_characters()
    {
        Assert.True(SweepId.IsValid(new string('a', 63)));
        Assert.False(SweepId.IsValid(new string('a', 64)));
        Assert.True(SweepId.IsValid(SweepId.Draw(new string('a', SweepId.MaxNameLength), ulong.MaxValue)));
    }

    [Fact]
    public void Drawn_ids_are_the_name_and_six_characters() =>
        Gen.ULong.Sample(randomness => SweepId.Draw("demo", randomness) is var id && SweepId.IsValid(id) && id.Length == 11 && id.StartsWith("demo-"));

    [Theory]
    [InlineData("demo/0", "demo", 0)]
    [InlineData("demo-1/9999", "demo-1", 9999)]
    public void Trial_ids_read_back(string text, string sweep, int index)
    {
        Assert.Equal(new TrialId(sweep, index), TrialId.Parse(text));
        Assert.Equal(text, TrialId.Parse(text).ToString());
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("demo/")]
    [InlineData("demo/01")]
    [InlineData("demo/-1")]
    [InlineData("demo/+1")]
    [InlineData("demo/10000")]
    [InlineData("demo/1/2")]
    [InlineData("../demo/1")]
    [InlineData("demo/ 1")]
    public void Other_texts_are_no_trial_ids(string text)
    {
        Assert.False(TrialId.TryParse(text, out _));
        Assert.Contains(text, Assert.Throws<FormatException>(() => TrialId.Parse(text)).Message);
    }
}
