using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DivCo.Cluster.Hosting.Tls;

/// <summary>The certificates of a server as its files were at one moment.</summary>
/// <param name="Trust">Whom it believes.</param>
/// <param name="Own">Who it is to silos and gateways.</param>
/// <param name="Api">Who it is to clients of the public API.</param>
internal sealed record CertificateSet(PeerTrust Trust, X509Certificate2 Own, X509Certificate2 Api) : IDisposable
{
    /// <exception cref="TlsException">A file is missing, unreadable or not what it should be; all of them are told.</exception>
    public static CertificateSet Read(TlsFiles files, DateTimeOffset now)
    {
        List<string> errors = [];
        var authorities = new X509Certificate2Collection();
        var read = Try(errors, files.Authority, () =>
        {
            authorities.ImportFromPemFile(files.Authority);
            return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate");
        });
        var trust = new PeerTrust(authorities);
        var own = Try(errors, files.Certificate, () => X509Certificate2.CreateFromPemFile(files.Certificate, files.Key));
        var api = Try(errors, files.ApiCertificate, () => X509Certificate2.CreateFromPemFile(files.ApiCertificate, files.ApiKey));

        // One that others would refuse is told here, not by their silence.
        if (read is not null && own is not null)
        {
            foreach (var purpose in (Oid[])[PeerTrust.ServerPurpose, PeerTrust.ClientPurpose])
            {
                if (trust.Refusal(own, purpose, now) is { } refusal && !errors.Any(error => error.StartsWith(files.Certificate, StringComparison.Ordinal)))
                {
                    errors.Add($"{files.Certificate}: other servers would refuse it: {refusal}");
                }
            }
        }

        if (api is not null && (api.NotAfter.ToUniversalTime() <= now.UtcDateTime || api.NotBefore.ToUniversalTime() > now.UtcDateTime))
        {
            errors.Add($"{files.ApiCertificate}: is in force from {api.NotBefore.ToUniversalTime():u} to {api.NotAfter.ToUniversalTime():u}, which is not now");
        }

        return errors.Count == 0
            ? new CertificateSet(trust, own!, api!)
            : throw new TlsException(string.Join("; ", errors) + "; 'divco certs' makes a set for development");
    }

    public void Dispose()
    {
        Own.Dispose();
        Api.Dispose();
    }

    private static T? Try<T>(List<string> errors, string file, Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            errors.Add($"{file}: {e.Message}");
            return null;
        }
    }
}
