using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace DivCo.Cli.Connection;

/// <summary>Whom this person believes, and who they are to the API.</summary>
/// <param name="Authority">File (PEM) of the authority that servers are believed by; null: the system's.</param>
/// <param name="Token">Null: none.</param>
internal sealed record Credentials(string? Authority, string? Token)
{
    public static readonly Credentials None = new(null, null);

    /// <exception cref="CommandException">A token would travel in plain over a network, or a file cannot be read.</exception>
    public static Credentials Of(Uri server, string? authority, string? token) =>
        token is { Length: > 0 } && server.Scheme != Uri.UriSchemeHttps && !server.IsLoopback
            ? throw new CommandException(ExitCode.Usage, $"--server {server}: the token would be sent in plain; write https://, or unset DIVCO_TOKEN")
            : new Credentials(authority is { Length: > 0 } ? authority : null, token is { Length: > 0 } ? token : null);

    /// <summary>Null where the system's authorities are believed.</summary>
    public SslClientAuthenticationOptions? Tls()
    {
        if (Authority is null)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(Authority);
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            throw new CommandException(ExitCode.Usage, $"--ca {Authority}: {e.Message}");
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }

    public CallInvoker Authorize(CallInvoker invoker) => Token is null ? invoker : invoker.Intercept(headers =>
    {
        headers.Add("authorization", $"Bearer {Token}");
        return headers;
    });
}
