using System.Net;
using System.Net.Sockets;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>What a person sees who asks for the impossible.</summary>
public sealed class BadInputTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task All_errors_of_a_file_are_told_at_once_and_nothing_starts()
    {
        using var folder = new TempFolder();
        var spec = folder.Write("bad.yaml", Sweeps.Tiny(workers: 9).Replace("batch_size: 8", "batch_sise: 8").Replace("negatives: 4", "negatives: 4\n    tau: -1"));
        var answer = await Divco.Run("run", spec, "--results", folder.File("results"));
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("batch_size", answer.Everything);
        Assert.Contains("tau", answer.Everything);
        Assert.Contains("workers", answer.Everything);
        Assert.False(Directory.Exists(folder.File("results")));
    }

    [Fact]
    public async Task A_missing_data_set_is_told_before_any_trial_starts()
    {
        using var folder = new TempFolder();
        var spec = folder.Write("fashion.yaml", Sweeps.Tiny().Replace("name: modes", "name: fashion-mnist"));
        var process = ChildProcess.Start(
            Installation.Divco,
            ["run", spec, "--results", folder.File("results"), "--devices", "cpu:2"],
            new Dictionary<string, string> { ["DIVCO_DATA"] = folder.File("nowhere") });
        await using (process)
        {
            Assert.Equal(1, await process.Exit(_deadline));
            Assert.Contains("dataset-fashion-mnist", process.Everything());
            Assert.Contains("DIVCO_DATA", process.Everything());
        }
    }

    [Fact]
    public async Task An_occupied_port_and_an_unwritable_folder_are_named_together()
    {
        using var folder = new TempFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        folder.Write("file", "");
        await using var server = ServerProcess.Begin(folder, "a", "cpu:1", "--api-port", port.ToString(), "--results", folder.File("file/results"));
        Assert.Equal(2, await server.Exit(_deadline));
        Assert.Contains($"--api-port {port}", server.Errors);
        Assert.Contains("--results", server.Errors);
    }

    [Fact]
    public async Task Run_refuses_more_devices_than_it_has_and_submit_queues_with_the_reason()
    {
        using var folder = new TempFolder();
        var spec = folder.Write("tiny.yaml", Sweeps.Tiny(workers: 3));
        Assert.Equal(2, (await Divco.Run("run", spec, "--results", folder.File("run"), "--processes", "2", "--devices", "cpu:1")).ExitCode);

        await using var server = await ServerProcess.Start(folder, "a");
        (await Divco.Run("submit", spec, "--id", "wide", "--server", server.Api)).Succeeded();
        await using (var watch = Divco.Begin("watch", "wide", "--server", server.Api, "--output", "json"))
        {
            await watch.Line(line => line.Contains("waits for 3 devices"), _deadline);
        }

        await using var second = await ServerProcess.Start(folder, "b", "cpu:2");
        (await Divco.Run("watch", "wide", "--server", second.Api)).Succeeded();
    }

    [Fact]
    public async Task Ids_that_are_unknown_taken_or_unreachable_have_their_exit_codes()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder, "a", "cpu:2");
        var spec = folder.Write("tiny.yaml", Sweeps.Tiny());
        Assert.Equal(3, (await Divco.Run("get", "nobody", "--server", server.Api)).ExitCode);
        (await Divco.Run("submit", spec, "--id", "taken", "--server", server.Api)).Succeeded();
        (await Divco.Run("submit", spec, "--id", "taken", "--server", server.Api)).Succeeded();
        var other = folder.Write("other.yaml", Sweeps.Tiny(steps: 13));
        Assert.Equal(1, (await Divco.Run("submit", other, "--id", "taken", "--server", server.Api)).ExitCode);
        (await Divco.Run("watch", "taken", "--server", server.Api)).Succeeded();
        await server.Kill();
        Assert.Equal(5, (await Divco.Run("list", "--server", server.Api)).ExitCode);
    }
}
