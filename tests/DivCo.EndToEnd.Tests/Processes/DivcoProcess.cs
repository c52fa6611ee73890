using System.Diagnostics;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>A real process: its output, its end, and the signals one can send it.</summary>
internal sealed class DivcoProcess : IDisposable
{
    private readonly Process _process;

    public DivcoProcess(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string folder)
    {
        Name = name;
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, output) => Output.Add(output.Data);
        _process.ErrorDataReceived += (_, output) => Errors.Add(output.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    /// <summary>What the story calls it.</summary>
    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Standard output.</summary>
    public ProcessOutput Output { get; } = new();

    /// <summary>Standard error.</summary>
    public ProcessOutput Errors { get; } = new();

    public void Send(Signal signal) => Signals.Send(Id, signal);

    /// <summary>kill -9, and the wait until it is gone; its children may live on, and hold its output open.</summary>
    public Task Kill()
    {
        Send(Signal.Kill);
        return Deadline.Until($"{Name} to be gone", () => HasExited);
    }

    /// <summary>Waits for the end and all output, and returns the exit code (128 + signal where a signal ended it).</summary>
    public async Task<int> Exit(TimeSpan? within = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(within ?? Deadline.Soon);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {within ?? Deadline.Soon} for {Name} (process {Id}) to end. {this}");
        }
    }

    /// <summary>Waits for a line of standard output or error that contains <paramref name="words"/>, and returns it.</summary>
    public Task<string> Says(string words, TimeSpan? within = null) => Deadline.Until(
        $"{Name} to say '{words}'", () => Task.FromResult(Find(words) ?? (HasExited ? Find(words) ?? throw Ended(words) : null)), within, ToString);

    public override string ToString() =>
        $"{Name} (process {Id}, {(HasExited ? $"ended with {_process.ExitCode}" : "running")}) wrote:\n{Output.Text}\n{Errors.Text}";

    public void Dispose()
    {
        if (!HasExited)
        {
            Send(Signal.Kill);
        }

        _process.Dispose();
    }

    private string? Find(string words) => Output.Lines.Concat(Errors.Lines).FirstOrDefault(line => line.Contains(words, StringComparison.Ordinal));

    private InvalidOperationException Ended(string words) => new($"{Name} ended without saying '{words}'. {this}");
}
