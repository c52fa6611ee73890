using System.Globalization;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Folder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>A silo with the grains of these tests, in a process of its own, until its input ends.</summary>
internal static class SiloProcess
{
    public const string Role = "--silo";

    /// <summary>Arguments: data folder, silo name, silo port, gateway port.</summary>
    public static async Task<int> Run(string[] arguments)
    {
        using var host = Build(arguments[0], new ClusteringOptions
        {
            SiloName = arguments[1],
            SiloPort = int.Parse(arguments[2], CultureInfo.InvariantCulture),
            GatewayPort = int.Parse(arguments[3], CultureInfo.InvariantCulture),
        });
        await host.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    private static IHost Build(string dataFolder, ClusteringOptions clustering)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.UseOrleans(silo => silo
            .AddClustering(clustering)
            .AddFolderStorage(storage => storage.Path = dataFolder));
        return builder.Build();
    }
}
