using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>A connection to a TLS port, by somebody who may not be let in.</summary>
internal sealed class Knock : IDisposable
{
    /// <summary>How an HTTP/2 client begins: its preface and empty settings. Whoever believes it answers.</summary>
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    private readonly TcpClient _connection = new(AddressFamily.InterNetwork);

    /// <summary>Where it comes from, as the log of the other end names it.</summary>
    public string From { get; private set; } = "nowhere";

    /// <param name="certificate">Null: it shows none.</param>
    /// <returns>Whether the other end said anything inside TLS.</returns>
    public async Task<bool> Tls(IPEndPoint port, X509Certificate2? certificate)
    {
        using var deadline = new CancellationTokenSource(Deadline.Soon);
        await Connect(port, deadline.Token);
        await using var stream = new SslStream(_connection.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = Authority.SiloName,
            RemoteCertificateValidationCallback = (_, server, _, _) => server is not null,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        };
        try
        {
            await stream.AuthenticateAsClientAsync(options, deadline.Token);
            await stream.WriteAsync(Preface, deadline.Token);
            return await stream.ReadAsync(new byte[64], deadline.Token) > 0;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return false;
        }
    }

    /// <summary>Says something that is no TLS, and waits until the other end hangs up.</summary>
    public async Task<bool> Plain(IPEndPoint port)
    {
        using var deadline = new CancellationTokenSource(Deadline.Soon);
        await Connect(port, deadline.Token);
        await using var stream = _connection.GetStream();
        try
        {
            await stream.WriteAsync(Preface, deadline.Token);
            while (await stream.ReadAsync(new byte[64], deadline.Token) > 0)
            {
                // An alert of TLS is no answer.
            }
        }
        catch (IOException)
        {
            // Reset.
        }

        return false;
    }

    private async Task Connect(IPEndPoint port, CancellationToken cancellation)
    {
        await _connection.ConnectAsync(port, cancellation);
        From = $"{_connection.Client.LocalEndPoint}";
    }

    public void Dispose() => _connection.Dispose();
}
