using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using DivCo.Collectives;
using DivCo.Protocol;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>
/// Keeps what this server says about a trial beside the trial's other files, for <c>divco logs</c>. Whoever logs never waits: what the file system does not take is
/// lost here, and still in the server's own log.
/// </summary>
internal sealed class TrialLogWriter(ServerOptions options, TimeProvider time) : ILoggerProvider
{
    public const string Ending = ".jsonl";

    private const string Trial = "Trial";
    private const int Backlog = 1000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Channel<(TrialId Trial, TrialLogRecord Record)> _queue =
        Channel.CreateBounded<(TrialId, TrialLogRecord)>(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });

    private Task? _pump;

    public ILogger CreateLogger(string categoryName) => new Log(this);

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _pump?.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(_patience).GetAwaiter().GetResult();
    }

    private void Write(TrialId trial, LogLevel level, string text)
    {
        LazyInitializer.EnsureInitialized(ref _pump, () => Task.Run(Pump));
        var traceId = Activity.Current is { Recorded: true } span ? span.TraceId.ToHexString() : null;
        _queue.Writer.TryWrite((trial, new TrialLogRecord(time.GetUtcNow(), ClusterTelemetry.Word(level), text, traceId)));
    }

    private async Task Pump()
    {
        await foreach (var (trial, record) in _queue.Reader.ReadAllAsync())
        {
            try
            {
                var folder = options.FoldersOf(trial).Logs;
                Directory.CreateDirectory(folder);
                await File.AppendAllTextAsync(Path.Combine(folder, options.Name + Ending), JsonSerializer.Serialize(record) + "\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The trial itself says what cannot be written.
            }
        }
    }

    private sealed class Log(TrialLogWriter writer) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel) || state is not IReadOnlyList<KeyValuePair<string, object?>> facts)
            {
                return;
            }

            foreach (var (name, fact) in facts)
            {
                if (TrialId.TryParse(fact is Quorum quorum ? quorum.TrialId : name == Trial ? $"{fact}" : "", out var trial))
                {
                    writer.Write(trial, logLevel, formatter(state, exception) + (exception is null ? "" : $": {exception.Message}"));
                    return;
                }
            }
        }
    }
}
