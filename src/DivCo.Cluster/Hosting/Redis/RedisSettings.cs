using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace DivCo.Cluster.Hosting.Redis;

/// <summary>Where a Redis is and who this process is to it.</summary>
/// <param name="Endpoints">host:port, comma-separated, with StackExchange.Redis' own options where wanted, such as ssl=true; a password in it is a secret.</param>
/// <param name="User">Of an access control list; null: the default user.</param>
/// <param name="PasswordFile">Holds the password, and nothing else; null: none, or in the endpoints.</param>
/// <param name="AuthorityFile">PEM of the authority that the Redis is believed by over TLS; null: the system's.</param>
internal sealed record RedisSettings(string Endpoints, string? User, string? PasswordFile, string? AuthorityFile)
{
    /// <exception cref="RedisException">The text, or a file, is not what it should be.</exception>
    public ConfigurationOptions ToConfiguration()
    {
        try
        {
            var options = ConfigurationOptions.Parse(Endpoints);
            options.ClientName = "divco-server";
            options.User = User ?? options.User;
            options.Password = PasswordFile is null ? options.Password : File.ReadAllText(PasswordFile).TrimEnd('\r', '\n');

            // A Redis that is away for a minute comes back: calls fail meanwhile, the connection does not end.
            options.AbortOnConnectFail = false;
            options.ConnectRetry = 1;
            options.ConnectTimeout = 3000;
            options.AsyncTimeout = 5000;
            options.SyncTimeout = 5000;
            options.KeepAlive = 5;
            options.ReconnectRetryPolicy = new ExponentialRetry(250, 2000);
            options.BacklogPolicy = BacklogPolicy.FailFast;
            if (AuthorityFile is not null)
            {
                options.Ssl = true;
                TrustOnly(options, AuthorityFile);
            }

            return options;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new RedisException($"--redis: {e.Message}", e);
        }
    }

    private static void TrustOnly(ConfigurationOptions options, string authorityFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(authorityFile);
        options.CertificateValidation += (_, certificate, _, errors) =>
        {
            if (certificate is not X509Certificate2 leaf || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            {
                return false;
            }

            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(leaf);
        };
    }
}
