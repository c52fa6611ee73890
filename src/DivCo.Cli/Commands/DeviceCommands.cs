using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.Connection;
using DivCo.Cli.Output;

namespace DivCo.Cli.Commands;

internal static class DeviceCommands
{
    public static async Task<ExitCode> ListAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var devices = (await connection.Cluster.ListDevicesAsync(new(), ClusterConnection.Once(cancel))).Devices;
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject { ["devices"] = new JsonArray([.. devices.Select(SweepJson.Message)]) });
            return ExitCode.Ok;
        }

        terminal.WriteTable("no devices", ["device", "silo", "hardware class", "trial"], devices.Select(device => (string[])[
            device.Id, device.Silo, device.HardwareClass, Words.Use(device)]));
        foreach (var device in devices.Where(device => device.Quarantine is not null))
        {
            var quarantine = device.Quarantine;
            terminal.Out.WriteLine($"{device.Id} quarantined since {quarantine.At.ToDateTimeOffset():u} by {quarantine.TrialId}: {quarantine.Evidence}");
            terminal.Out.WriteLine($"{device.Id} is used again after 'divco devices clear {device.Id}'");
        }

        return ExitCode.Ok;
    }

    public static async Task<ExitCode> ClearAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        using var connection = SweepCommands.Connect(arguments);
        var id = arguments.GetRequiredValue(Arguments.Device);
        await connection.Cluster.ClearDeviceAsync(new() { Id = id }, ClusterConnection.Once(cancel));
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject { ["id"] = id });
            return ExitCode.Ok;
        }

        terminal.Out.WriteLine($"{id} may be leased again");
        return ExitCode.Ok;
    }
}
