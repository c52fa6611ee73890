using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DivCo.Cluster.Hosting.Tls;

namespace DivCo.Cluster.Tests.Hosting.Tls;

/// <summary>An authority of the tests' own and leaves of every kind, good and bad, in the files that a server reads.</summary>
internal sealed class TestCertificates : IDisposable
{
    private const string Server = "1.3.6.1.5.5.7.3.1", Client = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _authority = Root();

    public X509Certificate2Collection Authorities => [_authority];

    public static ServerCertificates Load(string folder) => ServerCertificates.Load(TlsFiles.In(folder), TimeProvider.System);

    public X509Certificate2 Silo() => Leaf(PeerTrust.SiloName, [Server, Client], 0, 1);

    public X509Certificate2 Expired() => Leaf(PeerTrust.SiloName, [Server, Client], -20, -10);

    public X509Certificate2 NotYet() => Leaf(PeerTrust.SiloName, [Server, Client], 10, 20);

    /// <summary>Of the authority, but none of a silo.</summary>
    public X509Certificate2 Api() => Leaf("localhost", [Server], 0, 1);

    /// <summary>The name of a silo, but not allowed to open connections.</summary>
    public X509Certificate2 ServerOnly() => Leaf(PeerTrust.SiloName, [Server], 0, 1);

    /// <summary>A folder as <c>divco certs</c> leaves it, with another silo certificate if one is given.</summary>
    public string Write(TemporaryFolder folder, X509Certificate2? silo = null)
    {
        using var own = silo ?? Silo();
        using var api = Api();
        File.WriteAllText(Path.Combine(folder.Path, "ca.crt"), _authority.ExportCertificatePem());
        WriteLeaf(folder, "silo", own);
        WriteLeaf(folder, "api", api);
        return folder.Path;
    }

    public void Dispose() => _authority.Dispose();

    private static void WriteLeaf(TemporaryFolder folder, string name, X509Certificate2 leaf)
    {
        using var key = leaf.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(folder.Path, $"{name}.crt"), leaf.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder.Path, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Root()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=tests {Guid.NewGuid()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-30), now.AddDays(30));
    }

    private X509Certificate2 Leaf(string name, string[] purposes, int fromDays, int toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(_authority, now.AddDays(fromDays).AddMinutes(-1), now.AddDays(toDays), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
