using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DivCo.Cluster.Hosting.Tls;

/// <summary>Whom a silo or gateway believes to be one: a certificate of the cluster's own authority, in force, for the purpose, with the silos' name.</summary>
/// <remarks>Hosts are not compared: members are told by address, and move. That the authority calls it a silo is what counts.</remarks>
internal sealed class PeerTrust(X509Certificate2Collection authorities)
{
    /// <summary>The DNS name that every silo's certificate bears.</summary>
    public const string SiloName = "silo.divco.internal";

    public static readonly Oid ServerPurpose = new("1.3.6.1.5.5.7.3.1"), ClientPurpose = new("1.3.6.1.5.5.7.3.2");

    /// <param name="purpose">What the peer is here: server or client.</param>
    /// <returns>Null where it is believed, else why not.</returns>
    public string? Refusal(X509Certificate2? peer, Oid purpose, DateTimeOffset now)
    {
        if (peer is null)
        {
            return "it showed no certificate";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(purpose);
        if (!chain.Build(peer))
        {
            return $"its certificate {Describe(peer)} is not accepted: {string.Join(", ", chain.ChainStatus.Select(Words).Distinct())}";
        }

        return peer.MatchesHostname(SiloName, allowWildcards: false, allowCommonName: false)
            ? null
            : $"its certificate {Describe(peer)} is none of a silo: it does not bear the name {SiloName}";
    }

    private static string Words(X509ChainStatus status) => status.Status switch
    {
        X509ChainStatusFlags.NotTimeValid => "it is not in force now",
        X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.NotSignatureValid => "its authority is not the cluster's",
        X509ChainStatusFlags.NotValidForUsage => "it is not for this purpose: a silo's is for serverAuth and clientAuth",
        _ => status.StatusInformation.Trim(),
    };

    private static string Describe(X509Certificate2 certificate) =>
        $"'{certificate.Subject}' of '{certificate.Issuer}', in force {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u},";
}
