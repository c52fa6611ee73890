using System.Net;
using System.Net.Sockets;
using DivCo.Cluster.Hosting;

namespace DivCo.Cluster.Tests.Hosting;

public sealed class FreePortsTests
{
    [Fact]
    public void All_ports_differ_and_can_be_listened_on()
    {
        var ports = FreePorts.Take(20);
        Assert.Equal(20, ports.Distinct().Count());
        foreach (var port in ports)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
    }
}
