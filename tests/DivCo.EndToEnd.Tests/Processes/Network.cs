using System.Diagnostics;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>Nodes on one bridge, made of the kernel's network namespaces: real connections between real processes, which can be cut and slowed.</summary>
internal sealed class Network : IDisposable
{
    public const string Ip = "ip";

    private const int MaxNetworks = 200;

    private readonly List<NetworkNode> _nodes = [];
    private readonly int _number;

    /// <exception cref="InvalidOperationException">The kernel refuses; the message is what <c>ip</c> said.</exception>
    public Network()
    {
        // Names of interfaces are shared by the machine: the bridge that can be made is ours.
        var refusal = "";
        _number = Enumerable.Range(1, MaxNetworks).FirstOrDefault(number => (refusal = TryRun(Ip, ["link", "add", Bridge(number), "type", "bridge"])) == "");
        if (_number == 0)
        {
            throw new InvalidOperationException(refusal);
        }

        Do("address", "add", $"{AddressOf(1)}/24", "dev", Bridge(_number));
        Do("link", "set", Bridge(_number), "up");
    }

    /// <summary>Why no network can be made on this machine; null where one can.</summary>
    public static string? Impediment()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "network namespaces need root";
        }

        try
        {
            using var network = new Network();
            network.Node("probe");
            return null;
        }
        catch (Exception refusal) when (refusal is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"network namespaces cannot be made here: {refusal.Message}";
        }
    }

    public NetworkNode Node(string name)
    {
        var node = new NetworkNode(Bridge(_number), $"divco{_number}-{name}", $"divco{_number}-{_nodes.Count}", AddressOf(_nodes.Count + 2));
        _nodes.Add(node);
        node.Create();
        return node;
    }

    /// <summary>A namespace lives on until its last process has ended, but nobody finds it any more; its cable's name is free at once.</summary>
    public void Dispose()
    {
        _nodes.ForEach(node => TryRun(Ip, ["link", "delete", node.Cable]));
        _nodes.ForEach(node => TryRun(Ip, ["netns", "delete", node.Namespace]));
        TryRun(Ip, ["link", "delete", Bridge(_number)]);
    }

    internal static void Do(params string[] arguments) => Run(Ip, arguments);

    internal static void Run(string program, params string[] arguments)
    {
        if (TryRun(program, arguments) is { Length: > 0 } refusal)
        {
            throw new InvalidOperationException(refusal);
        }
    }

    /// <returns>What went wrong; empty: nothing.</returns>
    private static string TryRun(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"{program} {string.Join(' ', arguments)}: {said} (exit code {process.ExitCode})";
    }

    private static string Bridge(int number) => $"divco{number}";

    private string AddressOf(int host) => $"10.213.{_number}.{host}";
}
