namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>The stage itself, tried with shell commands in place of servers.</summary>
public sealed class DivcoProcessTests
{
    [Fact]
    public async Task Output_and_exit_code_are_those_of_the_process()
    {
        await using var scenario = new Scenario();
        var shell = Shell(scenario, "echo out; echo err >&2; exit 7");
        Assert.Equal(7, await shell.Exit());
        Assert.Equal(["out"], shell.Output.Lines);
        Assert.Equal(["err"], shell.Errors.Lines);
        await Assert.ThrowsAsync<InvalidOperationException>(() => shell.Says("never said"));
    }

    [Fact]
    public async Task Signals_arrive()
    {
        await using var scenario = new Scenario();
        var shell = Shell(scenario, "trap 'echo asked to end; exit 3' TERM; echo started; while true; do read -t 0.05 x < /dev/zero; done");
        await shell.Says("started");
        shell.Send(Signal.Stop);
        await Deadline.Until("the pause", () => State(shell.Id) == 'T');
        shell.Send(Signal.Continue);
        shell.Send(Signal.Terminate);
        Assert.Equal(3, await shell.Exit());
        await shell.Says("asked to end");
    }

    [Fact]
    public async Task A_kill_leaves_no_time_for_words()
    {
        await using var scenario = new Scenario();
        var shell = Shell(scenario, "trap 'echo never' TERM EXIT; echo started; exec sleep 1000");
        await shell.Says("started");
        await shell.Kill();
        Assert.Equal(137, await shell.Exit());
        Assert.Equal(["started"], shell.Output.Lines);
    }

    [Fact]
    public async Task Children_whose_parent_was_killed_are_found_and_ended()
    {
        var scenario = new Scenario();
        var parent = Shell(scenario, "sleep 1000 & echo started; wait");
        await parent.Says("started");
        await Deadline.Until("the child", () => scenario.Processes.Running("sleep", "1000").Count == 1);
        await parent.Kill();
        Assert.Single(scenario.Processes.Running("sleep"));
        Assert.Empty(scenario.Processes.Running("sleep", "999"));
        await scenario.DisposeAsync();
        await Deadline.Until("the child's end", () => scenario.Processes.Running("sleep").Count == 0);
        Assert.False(Directory.Exists(scenario.Folder));
    }

    [Fact]
    public async Task A_wait_in_vain_says_what_for()
    {
        await using var scenario = new Scenario();
        var shell = Shell(scenario, "echo something else; exec sleep 1000");
        await shell.Says("something else");
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => shell.Says("ready", TimeSpan.Zero));
        Assert.Contains("shell to say 'ready'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
    }

    private static DivcoProcess Shell(Scenario scenario, string script) => scenario.Start("shell", "/bin/bash", ["-c", script]);

    private static char State(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[1][0];
}
