using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using DivCo.Cluster.Hosting.Tls;

namespace DivCo.Cluster.Tests.Hosting.Tls;

public sealed class PeerTrustTests : IDisposable
{
    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _foreign = new();

    public void Dispose()
    {
        _ours.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public void A_silo_of_the_cluster_is_believed_in_both_directions()
    {
        using var silo = _ours.Silo();
        Assert.Null(Refusal(silo, PeerTrust.ServerPurpose));
        Assert.Null(Refusal(silo, PeerTrust.ClientPurpose));
    }

    [Fact]
    public void Anyone_else_is_refused_with_the_reason()
    {
        AssertRefused(null, PeerTrust.ClientPurpose, "showed no certificate");
        AssertRefused(_ours.Expired(), PeerTrust.ClientPurpose, "not in force now");
        AssertRefused(_ours.NotYet(), PeerTrust.ClientPurpose, "not in force now");
        AssertRefused(_foreign.Silo(), PeerTrust.ClientPurpose, "authority is not the cluster's");
        AssertRefused(_ours.Api(), PeerTrust.ServerPurpose, "does not bear the name silo.divco.internal");
        AssertRefused(_ours.ServerOnly(), PeerTrust.ClientPurpose, "not for this purpose");
    }

    [Fact]
    public void Files_that_cannot_serve_are_all_named_at_once()
    {
        using var folder = new TemporaryFolder();
        var files = TlsFiles.In(folder.Path);
        var missing = Assert.Throws<TlsException>(() => ServerCertificates.Load(files, TimeProvider.System));
        Assert.All((string[])[files.Authority, files.Certificate, files.ApiCertificate], file => Assert.Contains(file, missing.Message, StringComparison.Ordinal));

        _ours.Write(folder, _ours.Expired());
        var expired = Assert.Throws<TlsException>(() => ServerCertificates.Load(files, TimeProvider.System));
        Assert.Contains("other servers would refuse it", expired.Message, StringComparison.Ordinal);
    }

    private void AssertRefused(X509Certificate2? peer, Oid purpose, string reason)
    {
        using (peer)
        {
            var refusal = Refusal(peer, purpose) ?? "believed";
            Assert.True(Regex.IsMatch(refusal, reason), refusal);
        }
    }

    private string? Refusal(X509Certificate2? peer, Oid purpose) => new PeerTrust(_ours.Authorities).Refusal(peer, purpose, TimeProvider.System.GetUtcNow());
}
