using System.Text.Json;

namespace DivCo.Cluster.Hosting;

/// <summary>Tells whoever started the server that it serves, and where.</summary>
internal static class ReadyFile
{
    public static async Task Write(ServerOptions options, CancellationToken cancellation)
    {
        if (options.ReadyFile is not { } path)
        {
            return;
        }

        var ready = new
        {
            pid = Environment.ProcessId,
            api = $"http://127.0.0.1:{options.ApiPort}",
            exchange = options.ExchangeAddress.ToString().TrimEnd('/'),
            admin = $"http://127.0.0.1:{options.AdminPort}",
        };
        var next = path + ".next";
        await File.WriteAllTextAsync(next, JsonSerializer.Serialize(ready), cancellation);
        File.Move(next, path, overwrite: true);
    }
}
