using DivCo.Cluster.Api.Access;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf.Reflection;

namespace DivCo.Cluster.Tests.Api;

public sealed class AccessRulesTests
{
    private static readonly string _viewer = TokenOf(1), _submitter = TokenOf(2), _operator = TokenOf(3);

    private static readonly string _expired = TokenOf(5);
    private static readonly DateTimeOffset _now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly TokenFile _tokens = TokenFile.Parse("tokens",
    [
        "# people", "", AccessToken.Line("vera", AccessRole.Viewer, _viewer), AccessToken.Line("sam", AccessRole.Submitter, _submitter),
        AccessToken.Line("olga", AccessRole.Operator, _operator, _now.AddSeconds(1)), AccessToken.Line("otto", AccessRole.Operator, _expired, _now),
    ]).Tokens!;

    public static IEnumerable<TheoryDataRow<string>> Methods =>
        from file in (FileDescriptor[])[SweepServiceReflection.Descriptor, CheckpointServiceReflection.Descriptor, ClusterServiceReflection.Descriptor]
        from service in file.Services
        from method in service.Methods
        select new TheoryDataRow<string>($"/{service.FullName}/{method.Name}");

    [Theory]
    [MemberData(nameof(Methods))]
    public void Reading_asks_for_a_viewer_changing_a_sweep_for_a_submitter_and_anything_else_for_an_operator(string method)
    {
        var verb = method[(method.LastIndexOf('/') + 1)..];
        var expected = verb is "Get" or "List" or "Watch" or "Logs" or "Download" || verb.StartsWith("List", StringComparison.Ordinal) || verb.StartsWith("Download", StringComparison.Ordinal)
            ? AccessRole.Viewer
            : verb is "Submit" or "Stop" or "Resume" ? AccessRole.Submitter : AccessRole.Operator;
        Assert.Equal(expected, AccessRules.RoleFor(method));
    }

    [Fact]
    public void A_method_nobody_thought_of_asks_for_the_highest_role() => Assert.Equal(AccessRole.Operator, AccessRules.RoleFor("/divco.v1.SweepService/Erase"));

    [Fact]
    public void A_holder_is_let_in_up_to_the_role()
    {
        Assert.Equal("vera", Decide(_viewer, "Get").Holder?.Name);
        Assert.Null(Decide(_viewer, "Get").Refusal);
        Assert.Contains("vera is viewer, and /divco.v1.SweepService/Stop asks for submitter", Decide(_viewer, "Stop").Refusal);
        Assert.Null(Decide(_submitter, "Stop").Refusal);
        Assert.Null(Decide(_operator, "Stop").Refusal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer ")]
    [InlineData("Bearer divco_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic dmVyYTpzZWNyZXQ=")]
    public void Others_are_not(string? authorization)
    {
        var (holder, refusal) = AccessRules.Decide(_tokens, authorization, "/divco.v1.SweepService/Get", _now);
        Assert.Null(holder);
        Assert.NotNull(refusal);
    }

    [Fact]
    public void An_expired_token_lets_nobody_in()
    {
        var (holder, refusal) = Decide(_expired, "Get");
        Assert.Null(holder);
        Assert.Contains("the token of otto counted until 2026-11-23 12:00:00Z", refusal);
    }

    [Fact]
    public void A_hash_is_no_token() =>
        Assert.Null(AccessRules.Decide(_tokens, $"Bearer {AccessToken.Hash(_operator)}", "/divco.v1.SweepService/Get", _now).Holder);

    [Fact]
    public void Every_wrong_line_of_a_token_file_is_told_and_no_token_is_repeated()
    {
        var token = TokenOf(4);
        var (tokens, errors) = TokenFile.Parse("tokens", ["one two", $"vera chief {AccessToken.Hash(token)}", $"sam viewer {token}", AccessToken.Line("a", AccessRole.Viewer, token), AccessToken.Line("a", AccessRole.Viewer, token), AccessToken.Line("b", AccessRole.Viewer, token) + " until=soon"]);
        Assert.Null(tokens);
        Assert.Collection(
            errors,
            error => Assert.StartsWith("tokens, line 1:", error, StringComparison.Ordinal),
            error => Assert.Contains("line 2: 'chief' is no role", error, StringComparison.Ordinal),
            error => Assert.Contains("line 3: the third word is no hash", error, StringComparison.Ordinal),
            error => Assert.Contains("line 5: a has a line already", error, StringComparison.Ordinal),
            error => Assert.Contains("line 6: 'until=soon' is no end", error, StringComparison.Ordinal));
        Assert.DoesNotContain(errors, error => error.Contains(token, StringComparison.Ordinal));
    }

    private static (TokenHolder? Holder, string? Refusal) Decide(string token, string method) =>
        AccessRules.Decide(_tokens, $"Bearer {token}", $"/divco.v1.SweepService/{method}", _now);

    private static string TokenOf(byte value) => AccessToken.Of([.. Enumerable.Repeat(value, 32)]);
}
