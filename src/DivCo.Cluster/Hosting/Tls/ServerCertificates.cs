using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DivCo.Collectives;
using Microsoft.Extensions.Logging.Abstractions;

namespace DivCo.Cluster.Hosting.Tls;

/// <summary>
/// The certificates of this process, and the options of its TLS connections to other servers, in both directions. Files that are replaced count for new
/// connections; where the new ones cannot serve, the old ones stay and the log says why.
/// </summary>
internal sealed class ServerCertificates : IDisposable
{
    /// <summary>How old the certificates of a new connection may be.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TlsFiles _files;
    private readonly TimeProvider _time;
    private CertificateSet _set;
    private byte[] _content;
    private long _looked;

    private ServerCertificates(TlsFiles files, TimeProvider time, byte[] content) =>
        (_files, _time, _content, _looked, _set) = (files, time, content, time.GetTimestamp(), CertificateSet.Read(files, time.GetUtcNow()));

    /// <summary>Where it is said that files were replaced.</summary>
    public ILogger Log { get; set; } = NullLogger.Instance;

    /// <summary>Shown to clients of the public API.</summary>
    public X509Certificate2 Api => Current.Api;

    private CertificateSet Current
    {
        get
        {
            lock (_lock)
            {
                if (_time.GetElapsedTime(_looked) >= Freshness)
                {
                    _looked = _time.GetTimestamp();
                    Look();
                }

                return _set;
            }
        }
    }

    /// <exception cref="TlsException">A file is missing, unreadable or not what it should be; all of them are told.</exception>
    public static ServerCertificates Load(TlsFiles files, TimeProvider time) => new(files, time, Content(files));

    /// <summary>For what this process accepts from silos and gateways.</summary>
    /// <param name="refused">Told why a peer is refused.</param>
    public SslServerAuthenticationOptions ForInbound(Action<string> refused)
    {
        var set = Current;
        return new()
        {
            ServerCertificate = set.Own,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, peer, _, _) => Believes(set.Trust, peer, PeerTrust.ClientPurpose, refused),
        };
    }

    /// <summary>For connections that this process opens to silos.</summary>
    /// <param name="refused">Told why a peer is refused.</param>
    public SslClientAuthenticationOptions ForOutbound(Action<string> refused)
    {
        var set = Current;
        return new()
        {
            TargetHost = PeerTrust.SiloName,
            ClientCertificates = [set.Own],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, peer, _, _) => Believes(set.Trust, peer, PeerTrust.ServerPurpose, refused),
        };
    }

    /// <summary>For the exchange's connections to other silos.</summary>
    public ExchangeTls ForExchange(ILogger log) => new(() => ForOutbound(reason => log.LogWarning("A peer of the exchange is not believed: {Reason}", reason)));

    public void Dispose() => _set.Dispose();

    /// <summary>By content: a secret that Kubernetes replaces changes where links lead, and a file that is being written is not whole yet.</summary>
    private void Look()
    {
        try
        {
            var content = Content(_files);
            if (!content.AsSpan().SequenceEqual(_content))
            {
                _content = content;

                // The old set is left to connections that still shake hands with it.
                _set = CertificateSet.Read(_files, _time.GetUtcNow());
                Log.LogInformation("The certificates were replaced; new connections take {Subject}, in force until {End:u}", _set.Own.Subject, _set.Own.NotAfter.ToUniversalTime());
            }
        }
        catch (TlsException e)
        {
            Log.LogWarning("The certificates on disk cannot be taken, so the ones before stay in use: {Reason}", e.Message);
        }
    }

    /// <summary>Of all files; one that cannot be read counts as empty, and is told of when the set is made.</summary>
    private static byte[] Content(TlsFiles files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in (string[])[files.Authority, files.Certificate, files.Key, files.ApiCertificate, files.ApiKey])
        {
            try
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                hash.AppendData([0]);
            }
        }

        return hash.GetHashAndReset();
    }

    private bool Believes(PeerTrust trust, X509Certificate? peer, Oid purpose, Action<string> refused)
    {
        var refusal = trust.Refusal(peer as X509Certificate2, purpose, _time.GetUtcNow());
        if (refusal is not null)
        {
            refused(refusal);
        }

        return refusal is null;
    }
}
