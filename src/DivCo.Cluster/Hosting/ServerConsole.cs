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
}
