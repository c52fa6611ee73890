using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary><c>divco run</c>, ended before its sweep is done.</summary>
public sealed class LocalRunTests
{
    [Fact]
    public async Task Interrupted_it_leaves_a_checkpoint_and_goes_on_to_the_hash_of_the_undisturbed_run()
    {
        await using var scenario = new Scenario();
        var run = Start(scenario, "mine");
        await run.Says("/0 checkpoint ", Deadline.Training);
        run.Send(Signal.Interrupt);
        Assert.Equal(130, await run.Exit());
        await run.Says("mine stopped");
        Assert.Empty(scenario.Processes.Running("divco-server"));
        CheckpointFiles.MustVerify(Path.Combine(scenario.Results, "mine", "trials", "0", "checkpoints", CheckpointFiles.Names(scenario, "mine").Last()));

        Assert.Equal(await Undisturbed.Short.Hashes(), Hashes.Of(await Run(scenario, "mine")));
    }

    [Fact]
    public async Task Killed_it_leaves_no_servers()
    {
        await using var scenario = new Scenario();
        var killed = Start(scenario, "first");
        await killed.Says("/0 checkpoint ", Deadline.Training);
        await killed.Kill();
        await Deadline.Until("the servers to end", () => scenario.Processes.Running("divco-server").Count == 0);
    }

    [Fact]
    public async Task After_a_kill_the_next_run_has_the_devices_to_itself()
    {
        await using var scenario = new Scenario();
        var killed = Start(scenario, "first");
        await killed.Says("/0 checkpoint ", Deadline.Training);
        scenario.Processes.KillAll();

        var second = await Run(scenario, "second");
        Assert.Equal(await Undisturbed.Short.Hashes(), Hashes.Of(second));
        Assert.Contains("stopping first", second.Errors, StringComparison.Ordinal);
        Assert.Empty(scenario.Processes.Running("divco-server"));

        Assert.Equal(await Undisturbed.Short.Hashes(), Hashes.Of(await Run(scenario, "first")));
    }

    [Fact]
    public async Task A_server_that_dies_again_and_again_ends_the_run_at_once_and_the_next_run_goes_on()
    {
        await using var scenario = new Scenario();
        var run = new LocalRun(scenario, Undisturbed.Short.Spec, "mine", processes: 2);
        await Deadline.Until("the first losses", () => run.HasEnded || new LossReports(scenario.Results, "mine").Last() is not null);
        for (int deaths = 0, before = 0; deaths < 5; deaths++)
        {
            // From the second time on: in the middle of its start.
            await Deadline.Until("silo-0 to be back", () => run.HasEnded || (run.ProcessOf("silo-0") is { } id && id != before), instead: run.ToString);
            before = run.ProcessOf("silo-0") ?? before;
            Signals.Send(before, Signal.Kill);
        }

        var ended = await run.End();
        Assert.True(ended.ExitCode == 1, $"{run}");
        Assert.Contains("server silo-0 died 5 times within 60 s and is not started again; lastly: server silo-0 ended with 137", ended.Errors, StringComparison.Ordinal);
        Assert.Contains("run it again with --id mine to go on", ended.Errors, StringComparison.Ordinal);
        Assert.Empty(scenario.Processes.Running("divco-server"));
        Assert.Equal(await Undisturbed.Short.Hashes(), Hashes.Of(await Run(scenario, "mine")));
    }

    private static DivcoProcess Start(Scenario scenario, string id) => scenario.Divco(Arguments(scenario, id));

    private static Task<CommandResult> Run(Scenario scenario, string id) => scenario.Run([.. Arguments(scenario, id), "--output", "json"]);

    private static string[] Arguments(Scenario scenario, string id) =>
        ["run", scenario.Write("sweep.yaml", Undisturbed.Short.Spec), "--id", id, "--processes", "2", "--devices", "cpu:1", "--results", scenario.Results];
}
