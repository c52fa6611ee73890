using System.Net;
using System.Net.Sockets;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>Picks TCP ports that nothing listens on.</summary>
internal static class FreePorts
{
    /// <summary>Returns <paramref name="count"/> different loopback ports, free at this moment.</summary>
    public static int[] Take(int count)
    {
        var listeners = new List<TcpListener>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
