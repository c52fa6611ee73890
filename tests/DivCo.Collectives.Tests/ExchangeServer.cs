using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DivCo.Collectives.Tests;

/// <summary>What one server process has of the exchange: a hub behind a Kestrel of its own, on a loopback port.</summary>
internal sealed class ExchangeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ExchangeServer(WebApplication app) => _app = app;

    public ExchangeHub Hub => _app.Services.GetRequiredService<ExchangeHub>();

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Whether a peer came by the Unix socket.</summary>
    public bool SawUnix { get; private set; }

    /// <param name="unix">Whether the Unix socket beside the port is there too.</param>
    public static async Task<ExchangeServer> StartAsync(ExchangeHub? hub = null, int port = 0, bool unix = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
            if (unix)
            {
                kestrel.Listen(LocalSocket.Beside(new Uri($"http://127.0.0.1:{port}"))!, listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        if (hub is not null)
        {
            builder.Services.AddSingleton(hub);
        }

        builder.Services.AddGradientExchange();
        var app = builder.Build();
        var server = new ExchangeServer(app);
        app.Use(async (context, next) =>
        {
            server.SawUnix |= context.Connection.LocalIpAddress is null;
            await next(context);
        });
        app.MapGradientExchange();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public static async Task<ExchangeServer[]> StartManyAsync(int count)
    {
        var servers = new ExchangeServer[count];
        for (var i = 0; i < count; i++)
        {
            servers[i] = await StartAsync();
        }

        return servers;
    }

    /// <summary>Ends the server without grace: its connections are aborted.</summary>
    public async Task KillAsync() => await _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _app.DisposeAsync();
    }

    public static Quorum QuorumOf(IReadOnlyList<Uri> addresses, uint epoch = 1, string trialId = "sweep/0") =>
        new(trialId, epoch, [.. Enumerable.Range(0, addresses.Count).Select(r => $"silo/cpu{r:D3}")], addresses);

    public static Quorum QuorumOf(IReadOnlyList<ExchangeServer> servers, uint epoch = 1) => QuorumOf([.. servers.Select(s => s.Address)], epoch);
}
