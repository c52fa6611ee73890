using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>A <c>divco run</c> in the background: its server processes can be told apart, and it starts those again that end.</summary>
internal sealed class LocalRun
{
    private static readonly TimeSpan _longTraining = TimeSpan.FromMinutes(15);

    private readonly Scenario _scenario;
    private readonly DivcoProcess _command;
    private readonly string[] _servers;

    public LocalRun(Scenario scenario, string spec, string id, int processes)
    {
        _scenario = scenario;
        _servers = [.. Enumerable.Range(0, processes).Select(i => $"silo-{i}")];
        _command = scenario.Divco(
            "run", scenario.Write("sweep.yaml", spec), "--id", id, "--processes", $"{processes}", "--devices", "cpu:1", "--results", scenario.Results, "--output", "json");
        Whereabouts = new(id, () => _servers.ToDictionary(server => server, Log));
    }

    public Whereabouts Whereabouts { get; }

    public bool HasEnded => _command.HasExited;

    /// <summary>What it said in the end; null while it runs.</summary>
    public string? LastWords => HasEnded ? $"{_command}" : null;

    /// <summary>The process of a server that lives now; null between its end and its next start.</summary>
    public int? ProcessOf(string server) => _scenario.Processes.Running("divco-server", "--name", server) is [var id] ? id : null;

    /// <summary>Waits for the end of the command: of a long training, perhaps on a machine that is busy with others.</summary>
    public async Task<CommandResult> End()
    {
        var exitCode = await _command.Exit(_longTraining);
        return new CommandResult(exitCode, _command.Output.Text, _command.Errors.Text);
    }

    public override string ToString() => $"{_command}\n{string.Join('\n', _servers.SelectMany(server => Log(server).TakeLast(40)))}";

    private IEnumerable<string> Log(string server)
    {
        var file = Path.Combine(_scenario.Results, ".divco", "logs", $"{server}.log");
        return File.Exists(file) ? File.ReadLines(file) : [];
    }
}
