using System.Security.Cryptography.X509Certificates;
using DivCo.Cli.Connection;
using DivCo.Protocol;

namespace DivCo.Cli.Tests;

/// <summary>Certificates and tokens, as the files say that the commands leave.</summary>
public sealed class CertsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("divco-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Certificates_are_of_one_authority_for_both_ends_and_the_hosts_and_keys_are_their_owners_alone()
    {
        Assert.Equal(0, (await Divco.RunAsync("certs", "--to", _folder, "--host", "node-a", "--host", "10.0.0.5")).Code);
        using var silo = Load("silo");
        using var api = Load("api");
        using var authority = Load("ca");
        foreach (var leaf in (X509Certificate2[])[silo, api])
        {
            Assert.All((string[])["node-a", "10.0.0.5", "localhost", "127.0.0.1", "::1"], host => Assert.True(leaf.MatchesHostname(host), host));
            Assert.True(Chain(leaf, authority));
        }

        Assert.True(silo.MatchesHostname("silo.divco.internal"));
        Assert.False(api.MatchesHostname("silo.divco.internal"));
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], Purposes(silo));
        Assert.Equal(["1.3.6.1.5.5.7.3.1"], Purposes(api));
        Assert.All(Directory.GetFiles(_folder, "*.key"), key => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key)));

        // Another node's are issued by the same authority.
        Assert.Equal(0, (await Divco.RunAsync("certs", "--to", _folder, "--host", "node-b")).Code);
        using var other = Load("silo");
        Assert.NotEqual(silo.SerialNumber, other.SerialNumber);
        Assert.True(Chain(other, authority));
    }

    [Fact]
    public async Task A_token_is_shown_once_and_its_file_holds_the_hash_alone()
    {
        var file = Path.Combine(_folder, "tokens");
        var call = await Divco.RunAsync("token", "alice", "--role", "operator", "--file", file);
        Assert.Equal(0, call.Code);
        var token = call.Out.Trim();
        Assert.Equal([AccessToken.Line("alice", AccessRole.Operator, token)], File.ReadAllLines(file));
        Assert.DoesNotContain(token, File.ReadAllText(file), StringComparison.Ordinal);

        Assert.Equal(2, (await Divco.RunAsync("token", "alice", "--file", file)).Code);
        Assert.Equal(2, (await Divco.RunAsync("token", "bob", "--role", "king", "--file", file)).Code);
        Assert.Equal(2, (await Divco.RunAsync("certs", "--host", "no host!")).Code);
        Assert.Single(File.ReadAllLines(file));
    }

    [Fact]
    public void A_token_is_not_sent_in_plain_over_a_network()
    {
        var refused = Assert.Throws<CommandException>(() => Credentials.Of(new Uri("http://192.0.2.1:7400"), null, "divco_secret"));
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.DoesNotContain("divco_secret", refused.Message, StringComparison.Ordinal);
        Assert.Equal("divco_secret", Credentials.Of(new Uri("http://127.0.0.1:7400"), null, "divco_secret").Token);
        Assert.Equal("divco_secret", Credentials.Of(new Uri("https://192.0.2.1:7400"), null, "divco_secret").Token);
    }

    private static IEnumerable<string> Purposes(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Select(purpose => purpose.Value!);

    private static bool Chain(X509Certificate2 leaf, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }

    private X509Certificate2 Load(string name) => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, $"{name}.crt"));
}
