using System.CommandLine;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Offline;

/// <summary>What the commands that work on a checkpoint have in common.</summary>
internal static class OfflineCommand
{
    public static Argument<string> Checkpoint() => new("checkpoint") { Description = "Folder of a checkpoint" };

    public static Option<string> OutputDirectory(string fallback) =>
        new("--output-dir") { DefaultValueFactory = _ => fallback, Description = "Folder to write into; it must be new or empty" };

    public static Option<string> Output() => new("--output") { DefaultValueFactory = _ => "text", Description = "text or json" };

    /// <summary>Runs the command; what it refuses is a line on standard error and exit code 1, or 2 where nothing but the words typed is wrong.</summary>
    public static Command Does(this Command command, Action<ParseResult, CancellationToken> run)
    {
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                try
                {
                    run(parsed, cancel);
                    return 0;
                }
                catch (Exception e) when (e is OfflineException or CheckpointException or IOException or UnauthorizedAccessException)
                {
                    Array.ForEach(e.Message.Split('\n'), line => Console.Error.WriteLine($"divco: {line}"));
                    return e is OfflineUsageException ? 2 : 1;
                }
            },
            CancellationToken.None));
        return command;
    }

    /// <exception cref="OfflineException">There is something in it already.</exception>
    public static string NewFolder(string path)
    {
        var folder = Path.GetFullPath(path);
        return !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()
            ? Directory.CreateDirectory(folder).FullName
            : throw new OfflineException($"{folder} exists and is not empty; choose another with --output-dir");
    }
}
