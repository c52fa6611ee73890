using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DivCo.Cluster.Hosting.Tls;

/// <summary>Tells of connections to a TLS port that never agreed on TLS: Kestrel closes them without a word.</summary>
internal static class PlaintextKnocks
{
    private static readonly object _agreed = new();

    /// <summary>Goes before TLS.</summary>
    public static void TellWhoSpeaksNoTls(this ListenOptions listen, string port)
    {
        var log = listen.ApplicationServices.GetRequiredService<ILogger<ServerCertificates>>();
        listen.Use(next => async connection =>
        {
            var peer = connection.RemoteEndPoint;
            await next(connection);
            if (!connection.Items.ContainsKey(_agreed))
            {
                log.LogWarning("No TLS with {Peer} at the {Port} port: it spoke plain, let the handshake stand, or one of the two did not believe the other", peer, port);
            }
        });
    }

    /// <summary>Comes after TLS.</summary>
    public static ConnectionContext AgreedOnTls(this ConnectionContext connection)
    {
        connection.Items[_agreed] = _agreed;
        return connection;
    }
}
