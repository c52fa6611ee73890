using DivCo.Cluster.Api.Access;
using DivCo.Cluster.Tests.Hosting;
using DivCo.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DivCo.Cluster.Tests.Api;

/// <summary>A token file that is edited under a server.</summary>
public sealed class CurrentTokensTests : IDisposable
{
    private static readonly string _vera = AccessToken.Of(new byte[32]), _sam = AccessToken.Of([.. Enumerable.Repeat((byte)1, 32)]);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private string Tokens => Path.Combine(_folder.Path, "tokens");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Who_is_taken_out_is_let_in_no_more_and_who_is_put_in_is()
    {
        var current = Begin(Line("vera", _vera));
        Write(Line("sam", _sam));
        Assert.Equal("vera", current.Now.Find(_vera)?.Name);

        _time.Advance(CurrentTokens.Freshness);
        Assert.Null(current.Now.Find(_vera));
        Assert.Equal("sam", current.Now.Find(_sam)?.Name);
    }

    [Theory]
    [InlineData("vera viewer nonsense")]
    [InlineData("")]
    [InlineData(null)]
    public void A_file_that_is_wrong_empty_or_gone_leaves_the_last_good_one_in_force(string? content)
    {
        var current = Begin(Line("vera", _vera));
        if (content is null)
        {
            File.Delete(Tokens);
        }
        else
        {
            Write(content);
        }

        _time.Advance(CurrentTokens.Freshness);
        Assert.Equal("vera", current.Now.Find(_vera)?.Name);

        Write(Line("sam", _sam));
        _time.Advance(CurrentTokens.Freshness);
        Assert.Null(current.Now.Find(_vera));
    }

    private static string Line(string name, string token) => AccessToken.Line(name, AccessRole.Viewer, token);

    private CurrentTokens Begin(string line)
    {
        Write(line);
        return new CurrentTokens(TokenFile.Parse(Tokens, File.ReadAllLines(Tokens)).Tokens!, _time, NullLogger<CurrentTokens>.Instance);
    }

    private void Write(string line) => File.WriteAllText(Tokens, line + "\n");
}
