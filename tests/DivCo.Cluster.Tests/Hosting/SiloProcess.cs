using System.Globalization;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Tls;
using DivCo.Cluster.Tests.Hosting.Tls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>A silo with the grains of these tests, in a process of its own, until its input ends.</summary>
internal static class SiloProcess
{
    public const string Role = "--silo";

    /// <summary>Arguments: storage, silo name, silo port, gateway port, product version, folder of certificates or none.</summary>
    public static async Task<int> Run(string[] arguments)
    {
        using var host = Build(new Storage(arguments[0]), arguments is [_, _, _, _, _, { } folder] ? TestCertificates.Load(folder) : null, new ClusteringOptions
        {
            SiloName = arguments[1],
            SiloPort = int.Parse(arguments[2], CultureInfo.InvariantCulture),
            GatewayPort = int.Parse(arguments[3], CultureInfo.InvariantCulture),
            Version = arguments[4],
        });
        await host.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    private static IHost Build(Storage storage, ServerCertificates? certificates, ClusteringOptions clustering)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.UseOrleans(silo =>
        {
            silo.AddClustering(clustering);
            storage.AddTo(silo);
            if (certificates is not null)
            {
                silo.UseTls(certificates);
            }
        });
        return builder.Build();
    }
}
