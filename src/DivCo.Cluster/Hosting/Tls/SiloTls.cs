using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace DivCo.Cluster.Hosting.Tls;

/// <summary>Puts what silos and gateways say to each other into TLS with certificates on both ends, below Orleans' own protocol.</summary>
internal static class SiloTls
{
    private static readonly TimeSpan _handshakeTimeout = TimeSpan.FromSeconds(10);

    public static ISiloBuilder UseTls(this ISiloBuilder silo, ServerCertificates certificates) => silo.Configure<SiloConnectionOptions>(options =>
    {
        options.ConfigureSiloInboundConnection(connection => connection.Accept(certificates));
        options.ConfigureGatewayInboundConnection(connection => connection.Accept(certificates));
        options.ConfigureSiloOutboundConnection(connection => connection.Open(certificates));
    });

    public static IClientBuilder UseTls(this IClientBuilder client, ServerCertificates certificates) =>
        client.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(connection => connection.Open(certificates)));

    private static void Accept(this IConnectionBuilder builder, ServerCertificates certificates)
    {
        var log = LogOf(builder);
        builder.Use(next => context => Inside(
            context,
            next,
            (stream, deadline) => stream.AuthenticateAsServerAsync(
                certificates.ForInbound(reason => log.LogWarning("A connection from {Peer} is refused: {Reason}", context.RemoteEndPoint, reason)), deadline),
            log));
    }

    private static void Open(this IConnectionBuilder builder, ServerCertificates certificates)
    {
        var log = LogOf(builder);
        builder.Use(next => context => Inside(
            context,
            next,
            (stream, deadline) => stream.AuthenticateAsClientAsync(
                certificates.ForOutbound(reason => log.LogWarning("The silo at {Peer} is not believed: {Reason}", context.RemoteEndPoint, reason)), deadline),
            log));
    }

    private static async Task Inside(
        ConnectionContext context, ConnectionDelegate next, Func<SslStream, CancellationToken, Task> shakeHands, ILogger log)
    {
        var outside = context.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(outside), leaveInnerStreamOpen: false);
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.ConnectionClosed))
        {
            deadline.CancelAfter(_handshakeTimeout);
            try
            {
                await shakeHands(stream, deadline.Token);
            }
            catch (Exception e)
            {
                // Whoever knocks without TLS, or lets the handshake stand, ends here too.
                log.LogWarning("No TLS with {Peer}: {Reason}", context.RemoteEndPoint, e is OperationCanceledException ? $"not within {_handshakeTimeout}" : e.Message);
                context.Abort(new ConnectionAbortedException("TLS was not agreed on", e));
                return;
            }
        }

        var inside = new Duplex(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        try
        {
            context.Transport = inside;
            await next(context);
        }
        finally
        {
            await inside.Input.CompleteAsync();
            await inside.Output.CompleteAsync();
            context.Transport = outside;
        }
    }

    private static ILogger LogOf(IConnectionBuilder builder) => builder.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("DivCo.Cluster.Tls");

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
