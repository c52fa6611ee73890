namespace DivCo.Cluster.Hosting.Tls;

/// <summary>PEM files of a server: whom it believes, who it is to silos and gateways, and who it is to the public API's clients.</summary>
internal sealed record TlsFiles(string Authority, string Certificate, string Key, string ApiCertificate, string ApiKey)
{
    /// <summary>The names that <c>divco certs</c> gives.</summary>
    public static TlsFiles In(string folder) => new(
        Path.Combine(folder, "ca.crt"),
        Path.Combine(folder, "silo.crt"),
        Path.Combine(folder, "silo.key"),
        Path.Combine(folder, "api.crt"),
        Path.Combine(folder, "api.key"));
}
