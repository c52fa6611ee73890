using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DivCo.Collectives;

namespace DivCo.Cluster.Hosting.Tls;

/// <summary>The certificates of this process, and the options of its TLS connections to other servers, in both directions.</summary>
internal sealed class ServerCertificates : IDisposable
{
    private readonly PeerTrust _trust;
    private readonly X509Certificate2 _own;
    private readonly TimeProvider _time;

    private ServerCertificates(PeerTrust trust, X509Certificate2 own, X509Certificate2 api, TimeProvider time) => (_trust, _own, Api, _time) = (trust, own, api, time);

    /// <summary>Shown to clients of the public API.</summary>
    public X509Certificate2 Api { get; }

    /// <exception cref="TlsException">A file is missing, unreadable or not what it should be; all of them are told.</exception>
    public static ServerCertificates Load(TlsFiles files, TimeProvider time)
    {
        List<string> errors = [];
        var authorities = new X509Certificate2Collection();
        var read = Try(errors, files.Authority, () =>
        {
            authorities.ImportFromPemFile(files.Authority);
            return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate");
        });
        var trust = new PeerTrust(authorities);
        var own = Try(errors, files.Certificate, () => Open(files.Certificate, files.Key));
        var api = Try(errors, files.ApiCertificate, () => Open(files.ApiCertificate, files.ApiKey));

        // One that others would refuse is told here, not by their silence.
        var now = time.GetUtcNow();
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
            ? new ServerCertificates(trust, own!, api!, time)
            : throw new TlsException(string.Join("; ", errors) + "; 'divco certs' makes a set for development");
    }

    /// <summary>For what this process accepts from silos and gateways.</summary>
    /// <param name="refused">Told why a peer is refused.</param>
    public SslServerAuthenticationOptions ForInbound(Action<string> refused) => new()
    {
        ServerCertificate = _own,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, peer, _, _) => Believes(peer, PeerTrust.ClientPurpose, refused),
    };

    /// <summary>For connections that this process opens to silos.</summary>
    /// <param name="refused">Told why a peer is refused.</param>
    public SslClientAuthenticationOptions ForOutbound(Action<string> refused) => new()
    {
        TargetHost = PeerTrust.SiloName,
        ClientCertificates = [_own],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, peer, _, _) => Believes(peer, PeerTrust.ServerPurpose, refused),
    };

    /// <summary>For the exchange's connections to other silos.</summary>
    public ExchangeTls ForExchange(ILogger log) => new(() => ForOutbound(reason => log.LogWarning("A peer of the exchange is not believed: {Reason}", reason)));

    public void Dispose()
    {
        _own.Dispose();
        Api.Dispose();
    }

    private bool Believes(X509Certificate? peer, Oid purpose, Action<string> refused)
    {
        var refusal = _trust.Refusal(peer as X509Certificate2, purpose, _time.GetUtcNow());
        if (refusal is not null)
        {
            refused(refusal);
        }

        return refusal is null;
    }

    private static X509Certificate2 Open(string certificate, string key) => X509Certificate2.CreateFromPemFile(certificate, key);

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
