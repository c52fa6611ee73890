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
            api = options.Role == ServerRole.Silo ? null : Text(options.ApiAddress),
            exchange = options.Role == ServerRole.Gateway ? null : Text(options.ExchangeAddress),
            admin = Text(options.AdminAddress),
        };
        var next = path + ".next";
        await File.WriteAllTextAsync(next, JsonSerializer.Serialize(ready), cancellation);
        File.Move(next, path, overwrite: true);
    }

    private static string Text(Uri address) => address.ToString().TrimEnd('/');
}
