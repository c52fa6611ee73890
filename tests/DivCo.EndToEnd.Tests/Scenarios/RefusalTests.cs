using System.Net;
using System.Security.Cryptography.X509Certificates;
using DivCo.EndToEnd.Tests.Processes;
using DivCo.Protocol;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Who is not let in, and what the log says of it.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task A_default_start_listens_on_loopback_alone()
    {
        await using var scenario = new Scenario();
        var server = await scenario.Server("only");
        var sockets = ListeningSockets.Of(server.Process.Id);
        Assert.Equal(5, sockets.Count);
        Assert.All(sockets, socket => Assert.True(IPAddress.IsLoopback(socket.Address), $"{socket}"));
    }

    [Fact]
    public async Task Peers_and_people_without_the_right_certificate_or_token_are_refused_and_logged()
    {
        await using var scenario = new Scenario();
        var tls = await scenario.Secure("viewer");
        var expired = AccessToken.Of([.. Enumerable.Repeat((byte)7, 32)]);
        await File.AppendAllTextAsync(
            scenario.TokenFile(), AccessToken.Line("earlier", AccessRole.Operator, expired, TimeProvider.System.GetUtcNow().AddSeconds(-1)) + "\n", TestContext.Current.CancellationToken);
        (await scenario.Run("certs", "--to", "foreign")).MustSucceed();
        var server = await scenario.Server("north", devices: 0, options: ["--tls", tls, "--tokens", scenario.TokenFile()]);
        await RefusesPeers(server, tls, Path.Combine(scenario.Folder, "foreign"));
        await RefusesPeople(scenario, server, expired);
        await RefusesSilos(scenario, server, tls);
        (await scenario.Run("list")).MustSucceed();
    }

    /// <summary>At the exchange, at the port of silos and at that of their clients.</summary>
    private static async Task RefusesPeers(Server server, string tls, string foreign)
    {
        using var ours = new Authority(tls);
        using var theirs = new Authority(foreign);
        using var silo = X509Certificate2.CreateFromPemFile(Path.Combine(tls, "silo.crt"), Path.Combine(tls, "silo.key"));
        var exchange = IPEndPoint.Parse(server.Exchange!.Authority);
        int[] known = [server.Address.Port, server.Admin.Port];
        var ports = ListeningSockets.Of(server.Process.Id).Where(port => !known.Contains(port.Port)).ToList();
        Assert.Equal(3, ports.Count);
        Assert.Contains(exchange, ports);
        (string Reason, X509Certificate2? Certificate)[] strangers =
        [
            ("showed no certificate", null), ("not in force now", ours.Issue(until: -1)), ("authority is not the cluster's", theirs.Issue()),
            ("does not bear the name", ours.Issue("localhost")),
        ];
        foreach (var port in ports)
        {
            foreach (var (reason, certificate) in strangers)
            {
                using var knock = new Knock();
                Assert.False(await knock.Tls(port, certificate), $"{reason} at {port}");
                await Logged(server, knock.From, reason);
            }

            using var plain = new Knock();
            Assert.False(await plain.Plain(port));
            await Logged(server, plain.From, "No TLS with");
        }

        Array.ForEach(strangers, stranger => stranger.Certificate?.Dispose());
        using var friend = new Knock();
        Assert.True(await friend.Tls(exchange, silo));
    }

    private static async Task RefusesPeople(Scenario scenario, Server server, string expired)
    {
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());
        var known = scenario.Identity!;
        MustBeRefused(await scenario.Run("submit", spec), "asks for submitter");
        await Logged(server, "holder at", "Submit is refused: holder is viewer");
        (string Token, string Reason)[] strangers = [("", "bears no token"), ("divco_guessed", "is not known here"), (expired, "counted until")];
        foreach (var (token, reason) in strangers)
        {
            scenario.Identity = known with { Token = token };
            MustBeRefused(await scenario.Run("list"), reason);
            await Logged(server, "nobody known at", reason);
        }

        // The other way round: whoever believes another authority does not hand out a token.
        scenario.Identity = known with { Authority = Path.Combine(scenario.Folder, "foreign", "ca.crt") };
        Assert.NotEqual(0, (await scenario.Run("list")).ExitCode);
        scenario.Identity = known;

        using var plain = new Knock();
        Assert.False(await plain.Plain(IPEndPoint.Parse(server.Address.Authority)));
        await Logged(server, plain.From, "No TLS with");
    }

    private static async Task RefusesSilos(Scenario scenario, Server server, string tls)
    {
        using var ours = new Authority(tls);
        using var expired = ours.Issue(until: -1);
        using var otherRole = ours.Issue("localhost");
        (string Folder, string Reason)[] useless =
        [
            (ours.Copy(Path.Combine(scenario.Folder, "expired"), expired), "it is not in force now"),
            (ours.Copy(Path.Combine(scenario.Folder, "other-role"), otherRole), "it does not bear the name silo.divco.internal"),
        ];
        int Refused() => server.Process.Errors.Lines.Count(line => line.Contains("No TLS with", StringComparison.Ordinal));
        var before = Refused();
        var foreign = Stranger(scenario, "--tls", Path.Combine(scenario.Folder, "foreign"));
        var plain = Stranger(scenario);
        foreach (var (folder, reason) in useless)
        {
            var refused = Stranger(scenario, "--tls", folder);
            Assert.Equal(2, await refused.Exit());
            Assert.Contains($"silo.crt: other servers would refuse it: its certificate 'CN=stranger'", refused.Errors.Text, StringComparison.Ordinal);
            Assert.Contains(reason, refused.Errors.Text, StringComparison.Ordinal);
        }

        // These two know of nothing wrong with themselves, and neither join nor stay.
        await foreign.Says("is not believed", Deadline.Training);
        await Deadline.Until("both to be refused", () => Refused() >= before + 2, Deadline.Training, server.Process.ToString);
        await foreign.Kill();
        await plain.Kill();
    }

    private static DivcoProcess Stranger(Scenario scenario, params string[] options) => scenario.Start("stranger", Installation.Server,
    [
        "--name", $"stranger-{Guid.NewGuid().ToString("N")[..8]}", "--role", "silo", "--data", scenario.Data, "--results", scenario.Results, "--devices", "cpu:0", "--exchange-port", "0",
        "--silo-port", "0", "--gateway-port", "0", "--admin-port", "0", .. options,
    ]);

    private static Task Logged(Server server, string who, string reason) => Deadline.Until(
        $"{server.Name} to log that {who} was refused: {reason}",
        () => server.Process.Errors.Lines.Any(line => line.Contains(who, StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal)),
        instead: server.Process.ToString);

    private static void MustBeRefused(CommandResult call, string reason)
    {
        call.MustEndWith(1);
        Assert.Contains(reason, call.Errors, StringComparison.Ordinal);
    }
}
