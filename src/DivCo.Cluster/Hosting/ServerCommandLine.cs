using System.CommandLine;
using DivCo.Cluster.Offline;

namespace DivCo.Cluster.Hosting;

/// <summary>The options of divco-server as a person types them, each with its default.</summary>
internal static class ServerCommandLine
{
    private static readonly Option<string> _name = new("--name") { DefaultValueFactory = _ => DefaultName(), Description = "Name of this silo: 1 to 40 of a-z, 0-9 and -; keep it over restarts" };
    private static readonly Option<string> _data = new("--data") { DefaultValueFactory = _ => DefaultData(), Description = "Folder of the cluster's own records, shared by all servers of one machine" };
    private static readonly Option<string> _results = new("--results") { DefaultValueFactory = _ => "results", Description = "Folder of specs, metrics, checkpoints and pictures" };
    private static readonly Option<string> _devices = new("--devices") { DefaultValueFactory = _ => "cpu:1", Description = "Devices of this silo, such as cpu:2 (one thread each); cpu:0 for none" };
    private static readonly Option<string> _listen = new("--listen") { DefaultValueFactory = _ => "127.0.0.1", Description = "IP address of this machine on which all ports are; beyond loopback it wants --insecure" };
    private static readonly Option<bool> _insecure = new("--insecure") { Description = "Allow plaintext beyond loopback: whoever reaches the address can drive the cluster" };
    private static readonly Option<int> _api = Port("--api-port", 7400, "gRPC API");
    private static readonly Option<int> _exchange = Port("--exchange-port", 7401, "gradient exchange");
    private static readonly Option<int> _admin = Port("--admin-port", 7402, "health");
    private static readonly Option<int> _silo = Port("--silo-port", 7403, "Orleans silo");
    private static readonly Option<int> _gateway = Port("--gateway-port", 7404, "Orleans clients");
    private static readonly Option<string?> _ready = new("--ready-file") { Description = "JSON file written when the server serves: its pid and addresses" };
    private static readonly Option<int?> _parent = new("--parent-pid") { Description = "End when this process has ended" };

    /// <summary>The command; <paramref name="run"/> is called with options that were checked, all errors having been told at once.</summary>
    public static RootCommand Create(Func<ServerOptions, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand("A DivCo.Cluster server: holds devices, trains trials, answers the gRPC API.")
        {
            _name, _data, _results, _devices, _listen, _insecure, _api, _exchange, _admin, _silo, _gateway, _ready, _parent,
        };
        root.Subcommands.Add(GenerateCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.SetAction(async (parsed, cancellation) =>
        {
            var (options, errors) = ServerOptionsRules.Resolve(new ServerArguments(
                parsed.GetRequiredValue(_name), parsed.GetRequiredValue(_data), parsed.GetRequiredValue(_results), parsed.GetRequiredValue(_devices),
                parsed.GetRequiredValue(_listen), parsed.GetValue(_insecure),
                parsed.GetRequiredValue(_api), parsed.GetRequiredValue(_exchange), parsed.GetRequiredValue(_admin), parsed.GetRequiredValue(_silo),
                parsed.GetRequiredValue(_gateway), parsed.GetValue(_ready), parsed.GetValue(_parent), Environment.GetEnvironmentVariable("DIVCO_DATA")));
            if (options is not null)
            {
                return await run(options, cancellation);
            }

            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync($"divco-server: {error}");
            }

            return 2;
        });
        return root;
    }

    private static Option<int> Port(string name, int value, string purpose) =>
        new(name) { DefaultValueFactory = _ => value, Description = $"Port: {purpose}; 0: a free one" };

    private static string DefaultName() =>
        string.Concat(Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-') is { Length: > 0 and <= 40 } name
            ? name
            : "silo";

    internal static string DefaultData() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "divco");
}
