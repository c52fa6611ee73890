using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>The authority that <c>divco certs</c> left in a folder, used for certificates that it would never make.</summary>
internal sealed class Authority(string folder) : IDisposable
{
    public const string SiloName = "silo.divco.internal";
    private const string Server = "1.3.6.1.5.5.7.3.1", Client = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _authority = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "ca.crt"), Path.Combine(folder, "ca.key"));

    /// <param name="until">Days from now; before 0 it is over.</param>
    public X509Certificate2 Issue(string name = SiloName, int until = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Server), new Oid(Client)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var end = TimeProvider.System.GetUtcNow().AddDays(until);
        using var issued = request.Create(_authority.SubjectName, Signer(), end.AddDays(-2), end, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A copy of a folder of certificates in which the silos' is another.</summary>
    public string Copy(string to, X509Certificate2 silo)
    {
        Directory.CreateDirectory(to);
        foreach (var file in (string[])["ca.crt", "api.crt", "api.key"])
        {
            File.Copy(Path.Combine(folder, file), Path.Combine(to, file));
        }

        using var key = silo.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(to, "silo.crt"), silo.ExportCertificatePem());
        File.WriteAllText(Path.Combine(to, "silo.key"), key.ExportPkcs8PrivateKeyPem());
        return to;
    }

    public void Dispose() => _authority.Dispose();

    private X509SignatureGenerator Signer() => X509SignatureGenerator.CreateForECDsa(_authority.GetECDsaPrivateKey()!);
}
