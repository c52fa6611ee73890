using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace DivCo.EndToEnd.Tests;

/// <summary>Whom the clients of a story believe, and the token that they bear.</summary>
/// <param name="Authority">PEM file.</param>
internal sealed record Identity(string Authority, string Token)
{
    /// <summary>What a command needs to know of it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables => [new("DIVCO_CA", Authority), new("DIVCO_TOKEN", Token)];

    public GrpcChannel Open(Uri address)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Authority);
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } },
            DisposeHttpClient = true,
        });
    }

    public CallInvoker Authorize(CallInvoker calls) => calls.Intercept(headers =>
    {
        headers.Add("authorization", $"Bearer {Token}");
        return headers;
    });
}
