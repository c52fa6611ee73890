using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DivCo.Cli.Certificates;

/// <summary>
/// A certificate authority for development and small clusters: ECDSA P-256 keys, one self-signed root, leaves that it signs. A root can sign
/// no other authority.
/// </summary>
internal sealed class CertificateAuthority(X509Certificate2 certificate) : IDisposable
{
    /// <summary>The name that every silo's certificate bears beside its hosts; silos and gateways ask for it of each other.</summary>
    public const string SiloName = "silo.divco.internal";

    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1", ClientPurpose = "1.3.6.1.5.5.7.3.2";

    /// <summary>Clocks of machines differ.</summary>
    private static readonly TimeSpan _slack = TimeSpan.FromMinutes(5);

    public X509Certificate2 Certificate => certificate;

    /// <summary>A new root with its key.</summary>
    public static CertificateAuthority Create(DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=DivCo.Cluster development CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new CertificateAuthority(request.CreateSelfSigned(now - _slack, now + life));
    }

    /// <summary>A certificate for both ends of connections between servers: serverAuth and clientAuth, the silos' name and the hosts.</summary>
    public X509Certificate2 IssueSilo(IReadOnlyList<string> hosts, DateTimeOffset now, TimeSpan life) =>
        Issue("DivCo.Cluster silo", [SiloName, .. hosts], [ServerPurpose, ClientPurpose], now, life);

    /// <summary>A certificate for the public API: serverAuth, the hosts that clients connect to. It is none of a silo.</summary>
    public X509Certificate2 IssueApi(IReadOnlyList<string> hosts, DateTimeOffset now, TimeSpan life) =>
        Issue("DivCo.Cluster API", hosts, [ServerPurpose], now, life);

    public void Dispose() => certificate.Dispose();

    private X509Certificate2 Issue(string name, IReadOnlyList<string> hosts, string[] purposes, DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(purpose => new Oid(purpose))], critical: false));
        request.CertificateExtensions.Add(Names(hosts));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, true, false));

        // A leaf that outlives its root is no longer accepted when the root ends.
        var end = now + life;
        var last = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        using var issued = request.Create(certificate, now - _slack, end < last ? end : last, SerialNumber());
        return issued.CopyWithPrivateKey(key);
    }

    private static X509Extension Names(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    /// <summary>16 random bytes, positive.</summary>
    private static byte[] SerialNumber()
    {
        var number = RandomNumberGenerator.GetBytes(16);
        number[0] = (byte)((number[0] & 0x7f) | 0x40);
        return number;
    }
}
