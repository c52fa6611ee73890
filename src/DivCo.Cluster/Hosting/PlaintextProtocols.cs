using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace DivCo.Cluster.Hosting;

/// <summary>
/// HTTP/1.1 (browsers, Prometheus, probes) and HTTP/2 (gRPC probes, which know no TLS) on one plaintext port. Kestrel tells them apart by what was agreed on
/// in TLS alone, and takes plaintext for HTTP/1.1; here the client's first bytes tell, which for HTTP/2 are always the same.
/// </summary>
internal static class PlaintextProtocols
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>How RFC 9113's connection preface begins; no method of HTTP/1.1 begins so.</summary>
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0"u8;

    public static void SpeakHttp1AndHttp2(this ListenOptions listen) => listen.Use(next => async connection =>
    {
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            deadline.CancelAfter(_patience);
            try
            {
                if (await BeginsWithPreface(connection, deadline.Token))
                {
                    var agreed = new AgreedOnHttp2();
                    connection.Features.Set<ITlsConnectionFeature>(agreed);
                    connection.Features.Set<ITlsApplicationProtocolFeature>(agreed);
                }
            }
            catch (OperationCanceledException)
            {
                connection.Abort(new ConnectionAbortedException($"nothing was asked within {_patience}"));
                return;
            }
        }

        await next(connection);
    });

    private static async Task<bool> BeginsWithPreface(ConnectionContext connection, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(cancellation);
            var isPreface = IsPreface(read.Buffer);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, isPreface is null ? read.Buffer.End : read.Buffer.Start);
            if (isPreface is { } known || read.IsCompleted)
            {
                return isPreface ?? false;
            }
        }
    }

    /// <summary>Null: too few bytes to tell.</summary>
    private static bool? IsPreface(ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[Preface.Length];
        first = first[..(int)Math.Min(bytes.Length, first.Length)];
        bytes.Slice(0, first.Length).CopyTo(first);
        return !Preface.StartsWith(first) ? false : first.Length == Preface.Length ? true : null;
    }

    /// <summary>Says to Kestrel what ALPN would.</summary>
    private sealed class AgreedOnHttp2 : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }
}
