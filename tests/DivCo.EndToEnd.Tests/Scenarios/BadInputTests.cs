using System.Net;
using System.Net.Sockets;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>What a person sees who asks for the impossible.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task All_errors_of_a_file_are_told_at_once_and_nothing_starts()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("bad.yaml", Specs.Tiny(workers: 9).Replace("batch_size: 8", "batch_sise: 8\n    tau: -1"));
        var answer = await scenario.Run("run", spec, "--results", scenario.Results);
        answer.MustEndWith(2);
        Assert.Collection(
            answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            error => Assert.StartsWith($"{spec}:11:24: error: resources.workers: 9 workers share only 4 shards", error, StringComparison.Ordinal),
            error => Assert.StartsWith($"{spec}:17:5: error: trial.batch_sise: unknown key; did you mean batch_size?", error, StringComparison.Ordinal),
            error => Assert.StartsWith($"{spec}:18:10: error: trial.tau: -1 is not allowed", error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(scenario.Results));
    }

    [Fact]
    public async Task A_missing_data_set_is_told_before_any_trial_starts()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("fashion.yaml", Specs.Tiny().Replace("name: modes", "name: fashion-mnist"));
        var run = scenario.Start("env", "/usr/bin/env", [$"DIVCO_DATA={scenario.Folder}/nowhere", Installation.Divco, "run", spec, "--results", scenario.Results, "--devices", "cpu:2"]);
        Assert.Equal(1, await run.Exit());
        Assert.Contains("dataset-fashion-mnist", run.Errors.Text);
        Assert.Contains("DIVCO_DATA", run.Errors.Text);
        Assert.Empty(scenario.Processes.Running("divco-server"));
    }

    [Fact]
    public async Task An_occupied_port_and_an_unwritable_folder_are_named_together()
    {
        await using var scenario = new Scenario();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var file = scenario.Write("file", "");
        var server = scenario.Start("server", Installation.Server, ["--data", scenario.Data, "--results", Path.Combine(file, "results"), "--api-port", $"{port}"]);
        Assert.Equal(2, await server.Exit());
        Assert.Contains($"--api-port {port}", server.Errors.Text);
        Assert.Contains("--results", server.Errors.Text);
    }

    [Theory]
    [InlineData("198.51.100.7", "--insecure")]
    [InlineData("0.0.0.0", "other servers are told this address")]
    [InlineData("everywhere", "give an IP address")]
    [InlineData("198.51.100.7", "is not an address of this machine", "--insecure")]
    public async Task A_server_listens_beyond_loopback_only_where_it_can_and_is_told_to(string address, string reason, params string[] options)
    {
        await using var scenario = new Scenario();
        var server = scenario.Start("server", Installation.Server, ["--data", scenario.Data, "--results", scenario.Results, "--listen", address, .. options]);
        Assert.Equal(2, await server.Exit());
        Assert.Contains($"--listen {address}: ", server.Errors.Text);
        Assert.Contains(reason, server.Errors.Text);
    }

    [Fact]
    public async Task Run_refuses_more_devices_than_it_has_but_submit_queues_with_the_reason()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("tiny.yaml", Specs.Tiny(workers: 3));
        (await scenario.Run("run", spec, "--results", Path.Combine(scenario.Folder, "run"), "--processes", "2", "--devices", "cpu:1")).MustEndWith(2);

        await scenario.Server("narrow");
        var sweep = await scenario.Submit(Specs.Tiny(workers: 3));
        await sweep.Becomes("wait for devices", it => it.Status.Trials is [{ Reason: var reason }] && reason.Contains("waits for 3 devices"));
        await scenario.Server("wide", devices: 2);
        await sweep.Succeeds();
    }

    [Fact]
    public async Task Ids_that_are_unknown_or_taken_and_servers_that_are_away_have_their_exit_codes()
    {
        await using var scenario = new Scenario();
        var server = await scenario.Server("only", devices: 2);
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());
        (await scenario.Run("get", "nobody")).MustEndWith(3);
        (await scenario.Run("samples", "list", "nobody/0")).MustEndWith(3);
        (await scenario.Run("submit", spec, "--id", "taken")).MustSucceed();
        (await scenario.Run("submit", spec, "--id", "taken")).MustSucceed();
        (await scenario.Run("submit", scenario.Write("other.yaml", Specs.Tiny(steps: 13)), "--id", "taken")).MustEndWith(2);
        await scenario.Sweep("taken").Succeeds();
        var address = server.Address.ToString();
        await server.Kill();
        (await scenario.Run("list", "--server", address)).MustEndWith(5);
    }
}
