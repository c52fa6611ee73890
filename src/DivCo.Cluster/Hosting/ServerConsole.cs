using Microsoft.Extensions.Logging.Console;

namespace DivCo.Cluster.Hosting;

/// <summary>Logs go to standard error, one line each, with the time in UTC.</summary>
internal static class ServerConsole
{
    public static ILoggingBuilder AddServerConsole(this ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        foreach (var library in (string[])["Microsoft", "Grpc"])
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
}
