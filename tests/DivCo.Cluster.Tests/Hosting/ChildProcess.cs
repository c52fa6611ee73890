using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>This test program started again in another role, with its lines of output to wait for, and signals to send.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _errors = [];

    public ChildProcess(params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, output) => _ = output.Data is null ? _lines.Writer.TryComplete() : _lines.Writer.TryWrite(output.Data);
        _process.ErrorDataReceived += (_, output) =>
        {
            lock (_errors)
            {
                _errors.Add(output.Data ?? "");
            }
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public async Task<string> ReadLine()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            return await _lines.Reader.ReadAsync(deadline.Token);
        }
        catch (Exception reason) when (reason is OperationCanceledException or ChannelClosedException)
        {
            throw new InvalidOperationException($"Process {_process.Id} gave no line of output within {Deadline}. Its errors: {Errors}", reason);
        }
    }

    /// <summary>The next line, if there is one already.</summary>
    public string? TryReadLine() => _lines.Reader.TryRead(out var line) ? line : null;

    /// <summary>Asks the process to end, by the end of its input.</summary>
    public void Release() => _process.StandardInput.Close();

    public async Task<int> WaitForExit()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return _process.ExitCode;
    }

    /// <summary>kill -9, and the wait until the process is gone.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await WaitForExit();
    }

    public void Pause() => Assert.Equal(0, Signal(_process.Id, Stop));

    public void Resume() => Assert.Equal(0, Signal(_process.Id, Continue));

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
