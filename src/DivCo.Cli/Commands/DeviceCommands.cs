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
            device.Id, device.Silo, device.HardwareClass, device.TrialId.Length == 0 ? "free" : device.TrialId]));
        return ExitCode.Ok;
    }
}
