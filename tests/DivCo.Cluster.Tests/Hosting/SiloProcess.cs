using DivCo.Cluster.Hosting;
using DivCo.Cluster.Hosting.Folder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>A silo with the grains of these tests, in a process of its own, until its input ends.</summary>
internal static class SiloProcess
{
    public const string Role = "--silo";

    /// <summary>Arguments: data folder, silo name.</summary>
    public static async Task<int> Run(string[] arguments)
    {
        using var host = Build(arguments[0], arguments[1]);
        await host.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    public static IHost Build(string dataFolder, string name)
    {
        var ports = FreePorts.Take(2);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.UseOrleans(silo => silo
            .AddClustering(new ClusteringOptions { SiloName = name, SiloPort = ports[0], GatewayPort = ports[1] })
            .AddFolderStorage(storage => storage.Path = dataFolder));
        return builder.Build();
    }
}
