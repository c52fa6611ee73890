using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace DivCo.Cluster.Hosting;

/// <summary>Logs go to standard error, one line each, with the time in UTC, and the trace that they belong to where one is kept.</summary>
internal static class ServerConsole
{
    public static ILoggingBuilder AddServerConsole(this ILoggingBuilder logging)
    {
        logging.AddConsole(console =>
        {
            console.FormatterName = OneLine.Named;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        }).AddConsoleFormatter<OneLine, ConsoleFormatterOptions>();
        foreach (var library in (string[])["Microsoft", "Grpc", "OpenTelemetry"])
        {
            logging.AddFilter(library, LogLevel.Warning);
        }

        // Orleans places a grain again while a silo dies or leaves; where that does not help, its caller is told and says so.
        logging.AddFilter("Polly", LogLevel.None);

        return logging;
    }

    /// <summary>What keeps a server from coming up ends it, and is told once, in words: not five times before, with its stack.</summary>
    public static void SayNothingOfAFailedStart(this ILoggingBuilder logging, Func<bool> isUp)
    {
        foreach (var category in (string[])
            ["Microsoft.Extensions.Hosting.Internal.Host", "Orleans.Runtime.SiloLifecycleSubject", "Orleans.Runtime.Silo", "Orleans.Runtime.Messaging", "Orleans.Runtime.GrainCallCancellationManager"])
        {
            logging.AddFilter(category, level => level >= LogLevel.Error && isUp());
        }
    }

    private sealed class OneLine(TimeProvider time) : ConsoleFormatter(Named)
    {
        public const string Named = "one-line";

        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            textWriter.Write($"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Word(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] ");
            textWriter.Write($"{logEntry.Formatter(logEntry.State, logEntry.Exception)} {logEntry.Exception}".TrimEnd().ReplaceLineEndings(" "));
            if (Activity.Current is { Recorded: true } span)
            {
                textWriter.Write($" trace={span.TraceId}");
            }

            textWriter.Write('\n');
        }

        private static string Word(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
