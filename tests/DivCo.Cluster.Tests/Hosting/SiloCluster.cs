using System.Globalization;
using DivCo.Cluster.Hosting.Tls;
using DivCo.Cluster.Tests.Hosting.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>Silo processes over one storage, a folder of its own if none is given, and an Orleans client of their cluster.</summary>
internal sealed class SiloCluster(Storage? storage = null, string? certificates = null) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly List<ChildProcess> _silos = [];
    private IHost? _client;

    public string DataFolder => _folder.Path;

    private Storage Storage => storage ?? new Storage(_folder.Path);

    public IGrainFactory Grains => _client!.Services.GetRequiredService<IClusterClient>();

    /// <summary>Starts silo processes, at once, and waits until all of them serve.</summary>
    public Task<ChildProcess[]> Start(params string[] names) => Start(names, FreePorts.Take(2 * names.Length));

    public async Task<ChildProcess[]> Start(string[] names, int[] ports)
    {
        var started = names.Select((name, i) => Silo(name, ports[2 * i], ports[(2 * i) + 1])).ToArray();
        _silos.AddRange(started);
        foreach (var silo in started)
        {
            Assert.Equal("ready", await silo.ReadLine());
        }

        return started;
    }

    /// <summary>Starts a silo process and waits for nothing.</summary>
    public ChildProcess Silo(string name, int siloPort, int gatewayPort) => new(
        [
            SiloProcess.Role, Storage.Word, name, siloPort.ToString(CultureInfo.InvariantCulture), gatewayPort.ToString(CultureInfo.InvariantCulture),
            .. certificates is null ? (string[])[] : [certificates],
        ]);

    /// <summary>Connects a new client, to whichever silos the storage tells of.</summary>
    public Task Connect() => Connect(certificates);

    /// <param name="identity">Folder of the client's certificates; null: it speaks no TLS.</param>
    /// <param name="patience">Ends the attempt: a client that is refused goes on asking for minutes.</param>
    public async Task Connect(string? identity, CancellationToken patience = default)
    {
        await Disconnect();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("divco", "divco"));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(3));
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            Storage.AddTo(client);
            if (identity is not null)
            {
                client.UseTls(TestCertificates.Load(identity));
            }
        });
        _client = builder.Build();
        await _client.StartAsync(patience).WaitAsync(patience);
    }

    /// <summary>Asks again until the answer is as wanted; calls to a silo that just died may fail on the way.</summary>
    public static async Task<T> Eventually<T>(Func<Task<T>> ask, Func<T, bool> wanted)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        object? last = null;
        while (true)
        {
            try
            {
                var answer = await ask().WaitAsync(deadline.Token);
                if (wanted(answer))
                {
                    return answer;
                }

                last = answer;
            }
            catch (Exception failed) when (failed is OrleansException or TimeoutException or Orleans.Runtime.ClientNotAvailableException)
            {
                last = failed;
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Not as wanted within {Deadline}; the last answer: {last}");
            }

            await pause.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Disconnect();
        _silos.ForEach(silo => silo.Dispose());
        _folder.Dispose();
    }

    private async Task Disconnect()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            _client.Dispose();
        }
    }
}
