using System.CommandLine;
using DivCo.Cluster.Bench;
using DivCo.Cluster.Hosting.Settings;
using DivCo.Cluster.Offline;

namespace DivCo.Cluster.Hosting;

/// <summary>divco-server as a person types it. Every setting may also come from the environment or from a file.</summary>
internal static class ServerCommandLine
{
    private static readonly Option<string?> _config = new("--config") { Description = "JSON file of settings, keys like api_port; DIVCO_SERVER_CONFIG names one as well" };
    private static readonly Option<bool> _print = new("--print-config") { Description = "Show every setting and where it comes from, and end" };

    /// <summary>The command; <paramref name="run"/> is called with options that were checked, all errors having been told at once.</summary>
    public static RootCommand Create(Func<ServerOptions, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand("A DivCo.Cluster server: holds devices, trains trials, answers the gRPC API.") { _config, _print, ProbeCommand.Create() };
        var options = ServerSettings.All.ToDictionary(setting => setting, Option);
        foreach (var option in options.Values)
        {
            root.Add(option);
        }

        root.Subcommands.Add(GenerateCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(BenchCommand.Create());
        root.SetAction(async (parsed, cancellation) =>
        {
            var typed = options
                .Where(one => parsed.GetResult(one.Value) is { Implicit: false })
                .ToDictionary(one => one.Key.Name, one => one.Key.IsSwitch ? "true" : parsed.GetValue((Option<string?>)one.Value) ?? "");
            var (values, errors) = await Resolve(typed, parsed.GetValue(_config), cancellation);
            if (parsed.GetValue(_print))
            {
                await Console.Out.WriteLineAsync(values.Print());
            }

            var (resolved, wrong) = ServerOptionsRules.Resolve(values);
            string[] all = [.. errors, .. wrong];
            foreach (var error in all)
            {
                await Console.Error.WriteLineAsync($"divco-server: {error}");
            }

            return all.Length > 0 ? 2 : parsed.GetValue(_print) ? 0 : await run(resolved!, cancellation);
        });
        return root;
    }

    private static async Task<(SettingValues Values, IReadOnlyList<string> Errors)> Resolve(
        IReadOnlyDictionary<string, string> typed, string? config, CancellationToken cancellation)
    {
        config ??= Environment.GetEnvironmentVariable("DIVCO_SERVER_CONFIG") is { Length: > 0 } named ? named : null;
        try
        {
            (string, string)? file = config is null ? null : (config, await File.ReadAllTextAsync(config, cancellation));
            return SettingSources.Resolve(ServerSettings.All, typed, Environment.GetEnvironmentVariable, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var (values, _) = SettingSources.Resolve(ServerSettings.All, typed, Environment.GetEnvironmentVariable, null);
            return (values, [$"--config {config}: cannot be read ({e.Message})"]);
        }
    }

    private static Option Option(Setting setting)
    {
        var description = setting.Default is null ? setting.Description : $"{setting.Description} [{setting.Default}]";
        return setting.IsSwitch ? new Option<bool>(setting.Flag) { Description = description } : new Option<string?>(setting.Flag) { Description = description };
    }
}
