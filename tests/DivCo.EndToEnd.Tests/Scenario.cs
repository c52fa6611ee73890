using DivCo.EndToEnd.Tests.Processes;
using DivCo.EndToEnd.Tests.Scenarios;

namespace DivCo.EndToEnd.Tests;

/// <summary>
/// The stage of one story: a folder of its own, the servers and commands started in it, and a clean end. Reads like this:
/// <code>
/// await using var scenario = new Scenario();
/// var north = await scenario.Server("north", devices: 1);
/// var south = await scenario.Server("south", devices: 1);
/// var sweep = await scenario.Submit(spec);
/// await sweep.Reaches(step: 20);
/// await north.Kill();
/// await sweep.Succeeds();
/// </code>
/// </summary>
internal sealed class Scenario : IAsyncDisposable
{
    private readonly MarkedProcesses _processes = new();
    private readonly List<DivcoProcess> _started = [];
    private readonly List<Server> _servers = [];

    /// <summary>The folder in which everything of the story lies, and in which commands run.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("divco-scenario-").FullName;

    /// <summary>The data folder of all servers.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>The results folder of all servers and commands.</summary>
    public string Results => Path.Combine(Folder, "results");

    /// <summary>What all processes of the story find in their environment, besides what the tests have.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Who the story's clients are; null: nobody asks.</summary>
    public Identity? Identity { get; set; }

    /// <summary>Every server that was started, also those killed since.</summary>
    public IReadOnlyList<Server> Servers => _servers;

    /// <summary>All processes of the story, also those that its commands started.</summary>
    public MarkedProcesses Processes => _processes;

    /// <summary>Writes a file into the story's folder and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Starts a server with CPU devices and waits until it has joined and serves.</summary>
    public async Task<Server> Server(string name, int devices = 1, NetworkNode? node = null, string? kill = null, params string[] options)
    {
        var server = new Server(this, name, devices, node, options);
        _servers.Add(server);
        await server.Start(kill);
        return server;
    }

    /// <summary>What all processes of this name wrote to standard error, line by line.</summary>
    public IEnumerable<string> Said(string name) => _started.Where(process => process.Name == name).SelectMany(process => process.Errors.Lines);

    /// <summary>Starts a divco command, such as <c>Divco("run", "sweep.yaml")</c>, in the background.</summary>
    public DivcoProcess Divco(params string[] arguments) => Start($"divco {arguments.FirstOrDefault()}", Installation.Divco, arguments);

    /// <summary>Runs a divco command to its end.</summary>
    public async Task<CommandResult> Run(params string[] arguments)
    {
        var process = Divco(arguments);
        var exitCode = await process.Exit(Deadline.Training);
        return new CommandResult(exitCode, process.Output.Text, process.Errors.Text);
    }

    /// <summary>Submits a spec (YAML) with <c>divco submit</c> and returns the sweep, to be watched over the API.</summary>
    public async Task<SweepStory> Submit(string spec, params string[] options)
    {
        var file = Write($"{Guid.NewGuid():N}.yaml", spec);
        var submitted = await Run(["submit", file, "--output", "json", .. options]);
        submitted.MustSucceed();
        return new SweepStory(this, submitted.Json.GetProperty("id").GetString()!);
    }

    /// <summary>Where the grains and devices of a sweep are, as the servers that were started by hand say.</summary>
    public Whereabouts Whereabouts(string sweep) => new(sweep, () => _servers.ToDictionary(server => server.Name, server => Said(server.Name)));

    /// <summary>A sweep that was submitted some other way.</summary>
    public SweepStory Sweep(string id) => new(this, id);

    /// <summary>Starts any program as part of the story, on a node of a network or on this machine.</summary>
    public DivcoProcess Start(
        string name, string program, IEnumerable<string> arguments, NetworkNode? node = null, params IEnumerable<KeyValuePair<string, string>> variables)
    {
        var environment = new Dictionary<string, string>(Environment) { [_processes.Mark.Key] = _processes.Mark.Value };
        if (_servers.FirstOrDefault(server => server.IsServing) is { } living)
        {
            environment["DIVCO_SERVER"] = living.Address.ToString();
        }

        foreach (var (key, value) in Identity?.Variables ?? [])
        {
            environment[key] = value;
        }

        foreach (var (key, value) in variables)
        {
            environment[key] = value;
        }

        var process = node is null
            ? new DivcoProcess(name, program, arguments, environment, Folder)
            : new DivcoProcess(name, Network.Ip, ["netns", "exec", node.Namespace, program, .. arguments], environment, Folder);
        _started.Add(process);
        return process;
    }

    public ValueTask DisposeAsync()
    {
        _processes.KillAll();
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            _started.ForEach(process => TestContext.Current.TestOutputHelper?.WriteLine($"{process}"));
        }

        _servers.ForEach(server => server.Dispose());
        _started.ForEach(process => process.Dispose());
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
