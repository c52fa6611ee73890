using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace DivCo.Cluster.Hosting;

/// <summary>What was typed.</summary>
internal sealed record ServerArguments(
    string Name, string Data, string Results, string Devices, string Listen, bool Insecure, int Api, int Exchange, int Admin, int Silo, int Gateway,
    string? ReadyFile, int? ParentPid, string? DataRoot);

/// <summary>Checks what was typed against the machine, and chooses free ports. Reports all errors at once.</summary>
internal static partial class ServerOptionsRules
{
    private const int MaxDevices = 256;

    public static (ServerOptions? Options, IReadOnlyList<string> Errors) Resolve(ServerArguments typed)
    {
        var errors = new List<string>();
        if (!Name().IsMatch(typed.Name))
        {
            errors.Add($"--name {typed.Name}: allowed are 1 to 40 of a-z, 0-9 and -");
        }

        var devices = Devices().Match(typed.Devices);
        var count = devices.Success && int.TryParse(devices.Groups[1].Value, out var n) && n <= MaxDevices ? n : -1;
        if (count < 0)
        {
            errors.Add($"--devices {typed.Devices}: allowed is cpu:N with N from 0 to {MaxDevices}, such as cpu:2");
        }

        var listen = ListenAddress.Resolve(typed.Listen, typed.Insecure, errors);
        var ports = Ports(typed, listen ?? IPAddress.Loopback, errors);
        var data = Writable("--data", typed.Data, errors);
        var results = Writable("--results", typed.Results, errors);
        if (typed.ReadyFile is { } ready)
        {
            Writable("--ready-file", Path.GetDirectoryName(Path.GetFullPath(ready)) ?? "", errors);
        }

        if (errors.Count > 0)
        {
            return (null, errors);
        }

        return (new ServerOptions
        {
            Name = typed.Name,
            Data = data,
            Results = results,
            Devices = new DeviceSpec("cpu", count),
            Listen = listen!,
            ApiPort = ports[0],
            ExchangePort = ports[1],
            AdminPort = ports[2],
            SiloPort = ports[3],
            GatewayPort = ports[4],
            ReadyFile = typed.ReadyFile,
            ParentPid = typed.ParentPid,
            DataRoot = typed.DataRoot,
        }, []);
    }

    /// <summary>All ports are held open at once while they are chosen, so that no two are the same.</summary>
    private static int[] Ports(ServerArguments typed, IPAddress listen, List<string> errors)
    {
        (string Option, int Port)[] wanted =
        [
            ("--api-port", typed.Api), ("--exchange-port", typed.Exchange), ("--admin-port", typed.Admin), ("--silo-port", typed.Silo), ("--gateway-port", typed.Gateway),
        ];
        var listeners = new List<TcpListener>();
        var chosen = new int[wanted.Length];
        for (var i = 0; i < wanted.Length; i++)
        {
            var (option, port) = wanted[i];
            if (port is < 0 or > 65535)
            {
                errors.Add($"{option} {port}: allowed are 0 to 65535");
                continue;
            }

            var listener = new TcpListener(listen, port);
            try
            {
                listener.Start();
                listeners.Add(listener);
                chosen[i] = ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e)
            {
                errors.Add($"{option} {port}: cannot be listened on ({e.SocketErrorCode}); stop what holds it, or choose another port (0: a free one)");
            }
        }

        listeners.ForEach(listener => listener.Dispose());
        return chosen;
    }

    private static string Writable(string option, string folder, List<string> errors)
    {
        if (folder == "")
        {
            errors.Add($"{option} '': give the path of a folder");
            return "";
        }

        var path = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{option} {folder}: cannot be written to ({e.Message}); choose a folder that can");
        }

        return path;
    }

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\Acpu:([0-9]{1,4})\z")]
    private static partial Regex Devices();
}
