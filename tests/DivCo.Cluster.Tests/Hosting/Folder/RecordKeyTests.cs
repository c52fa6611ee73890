using CsCheck;
using DivCo.Cluster.Hosting.Folder;

namespace DivCo.Cluster.Tests.Hosting.Folder;

public sealed class RecordKeyTests
{
    [Fact]
    public void No_key_leaves_the_folder_or_takes_a_strange_name() => Gen.String[Gen.Char, 0, 400].Sample(key =>
    {
        var name = RecordKey.FileNameOf(key);
        Assert.InRange(name.Length, 1, 200);
        Assert.All(name, letter => Assert.True(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '%' or '+'));
    });

    [Theory]
    [InlineData("../../etc/passwd", "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd")]
    [InlineData("..", "%2E%2E")]
    [InlineData("", "+")]
    [InlineData("a+b%", "a%2Bb%25")]
    [InlineData("trial/fashion-tau/3", "trial%2Ffashion-tau%2F3")]
    public void Names_are_legible(string key, string name) => Assert.Equal(name, RecordKey.FileNameOf(key));

    [Fact]
    public void Two_keys_never_share_a_name() => Gen.Select(Gen.String[Gen.Char["./%+-aA"], 0, 5], Gen.String[Gen.Char["./%+-aA"], 0, 5], Gen.Bool)
        .Sample((a, b, isLong) =>
        {
            var prefix = isLong ? new string('x', 300) : "";
            Assert.Equal(a == b, RecordKey.FileNameOf(prefix + a) == RecordKey.FileNameOf(prefix + b));
        });
}
