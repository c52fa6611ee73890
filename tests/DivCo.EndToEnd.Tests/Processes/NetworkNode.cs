namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>A network namespace with one address; what runs in it reaches the others, and they it, through one cable.</summary>
internal sealed class NetworkNode(string bridge, string @namespace, string cable, string address)
{
    private const string Inner = "eth0";

    public string Namespace => @namespace;

    public string Address => address;

    /// <summary>The end of its cable that lies in the bridge.</summary>
    public string Cable => cable;

    /// <summary>Whether nobody reaches it.</summary>
    public bool IsIsolated { get; private set; }

    public void Create()
    {
        Network.Do("netns", "add", @namespace);
        Network.Do("link", "add", cable, "type", "veth", "peer", "name", Inner, "netns", @namespace);
        Network.Do("link", "set", cable, "master", bridge, "up");
        Inside("link", "set", "lo", "up");
        Inside("address", "add", $"{address}/24", "dev", Inner);
        Inside("link", "set", Inner, "up");
    }

    /// <summary>
    /// Takes the cable out of the bridge: both ends stay up, so nobody is told that the connection is gone; what is sent is simply never answered.
    /// </summary>
    public void Isolate()
    {
        IsIsolated = true;
        Network.Do("link", "set", cable, "nomaster");
    }

    /// <summary>Puts it back.</summary>
    public void Rejoin()
    {
        Network.Do("link", "set", cable, "master", bridge);
        IsIsolated = false;
    }

    /// <summary>Limits what the cable carries, either way. A token bucket, which every kernel has; <c>netem</c> is often missing.</summary>
    public void Slow(int kilobitsPerSecond)
    {
        string[] limit = ["root", "tbf", "rate", $"{kilobitsPerSecond}kbit", "burst", "4kb", "latency", "400ms"];
        Network.Run("tc", ["qdisc", "replace", "dev", cable, .. limit]);
        Network.Do(["netns", "exec", @namespace, "tc", "qdisc", "replace", "dev", Inner, .. limit]);
    }

    private void Inside(params string[] arguments) => Network.Do(["-n", @namespace, .. arguments]);
}
