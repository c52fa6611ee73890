using System.CommandLine;
using System.Text.Json;
using DivCo.Training.Export;

namespace DivCo.Cluster.Offline;

/// <summary><c>divco-server export</c>: a checkpoint's networks as PyTorch users load them.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> _checkpoint = OfflineCommand.Checkpoint();
    private static readonly Option<string> _directory = OfflineCommand.OutputDirectory("exported");
    private static readonly Option<string> _output = OfflineCommand.Output();

    public static Command Create() => new Command("export", "Write the weights of a checkpoint for PyTorch, with a note on how to load them.")
    {
        _checkpoint, _directory, _output,
    }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel)
    {
        var checkpoint = OfflineCheckpoint.Open(parsed.GetValue(_checkpoint)!);

        var folder = OfflineCommand.NewFolder(parsed.GetValue(_directory)!);
        var files = PyTorchExport.Write(checkpoint.Config, checkpoint.Snapshot, folder);
        Console.Out.WriteLine(parsed.GetValue(_output) == "json"
            ? JsonSerializer.Serialize(new { checkpoint = checkpoint.Path, step = checkpoint.Manifest.Step, files = files.Select(file => Path.Combine(folder, file)) })
            : $"{string.Join(", ", files)} in {folder}; README.md says how to load them");
    }
}
