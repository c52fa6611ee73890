using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DivCo.Cluster.Bench;

/// <summary>PyTorch's own all-reduce between processes, where a python3 with torch is installed.</summary>
internal static class GlooReference
{
    private const string Script = "gloo.py";
    private static readonly string[] _pythons = ["/usr/bin/python3", "python3"];

    /// <returns>Null where there is none; then why.</returns>
    public static async Task<(RoundGroup? Ranks, string Version)> Start(int ranks, long bytes, CancellationToken cancel)
    {
        var python = _pythons.FirstOrDefault(HasTorch);
        if (python is null)
        {
            return (null, "no python3 with torch (Debian: apt-get install python3-torch)");
        }

        var script = Path.Combine(AppContext.BaseDirectory, "bench", Script);
        var port = FreePort();
        var group = new RoundGroup([.. Enumerable.Range(0, ranks).Select(rank => RoundProcess.Start(
            $"gloo's rank {rank}",
            python,
            [script, $"{rank}", $"{ranks}", $"{port}", $"{bytes}"],
            new Dictionary<string, string> { ["GLOO_SOCKET_IFNAME"] = "lo", ["OMP_NUM_THREADS"] = "1" }))]);
        try
        {
            var answers = await group.Answers(cancel);
            return (group, $"torch {answers[0].GetProperty("version").GetString()}");
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    private static bool HasTorch(string python)
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo(python, ["-c", "import torch.distributed"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
