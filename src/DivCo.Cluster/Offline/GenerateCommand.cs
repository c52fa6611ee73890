using System.CommandLine;
using System.Text.Json;
using DivCo.Training;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Cluster.Offline;

/// <summary><c>divco-server generate</c>: images of a checkpoint as PNG files, and one picture of all.</summary>
internal static class GenerateCommand
{
    private const int MaxCount = 10_000;
    private const int MaxRows = 100;
    private const int MaxColumns = 64;

    private static readonly Argument<string> _checkpoint = OfflineCommand.Checkpoint();
    private static readonly Option<string[]> _conditions = new("--condition")
    {
        Description = "Name or number of a condition, as often as wanted (else a few that stand for all)",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> _count = new("--count") { DefaultValueFactory = _ => 16, Description = "Images of each condition" };
    private static readonly Option<string> _latent = new("--latent") { DefaultValueFactory = _ => "random", Description = "random: independent codes; walk: codes on the way from one to another" };
    private static readonly Option<ulong?> _seed = new("--seed") { Description = "Of the codes (else the trial's own, as in its sample pictures)" };
    private static readonly Option<string> _split = new("--split") { DefaultValueFactory = _ => "test", Description = "Where conditions that are images come from: test or train" };
    private static readonly Option<string> _directory = OfflineCommand.OutputDirectory("generated");
    private static readonly Option<string> _output = OfflineCommand.Output();

    public static Command Create() => new Command("generate", "Generate images from a checkpoint.")
    {
        _checkpoint, _conditions, _count, _latent, _seed, _split, _directory, _output,
    }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel)
    {
        var (count, latent, split) = (parsed.GetValue(_count), parsed.GetValue(_latent), parsed.GetValue(_split));
        Check(count, latent!, split!);
        var checkpoint = OfflineCheckpoint.Open(parsed.GetValue(_checkpoint)!);

        // Classes are the same in both parts, and whoever trains has the one to train on.
        var part = checkpoint.Config.Task == "class_conditional" || split == "train" ? Split.Train : Split.Test;
        using var model = checkpoint.Model(checkpoint.Data(part, Environment.GetEnvironmentVariable(DatasetCatalog.DataRootVariable)));
        var generator = new ImageGenerator(model, parsed.GetValue(_seed) ?? checkpoint.Config.Seed);
        var conditions = ConditionNames.Resolve(parsed.GetValue(_conditions) ?? [], generator);
        var folder = OfflineCommand.NewFolder(parsed.GetValue(_directory)!);
        var images = new List<object>();
        var rows = new List<float[]>();
        foreach (var condition in conditions)
        {
            cancel.ThrowIfCancellationRequested();
            var latents = latent == "walk" ? generator.Walk(condition, count) : generator.RandomLatents(condition, count);
            var row = generator.Generate(condition, latents);
            rows.Add(row);
            var name = ConditionNames.FileNameOf(condition, generator);
            for (var i = 0; i < count; i++)
            {
                var path = Path.Combine(folder, $"{name}-{i:D4}.png");
                File.WriteAllBytes(path, ImagePng.Encode(row.AsSpan(i * row.Length / count, row.Length / count), generator.Channels, generator.ImageSize));
                images.Add(new { path, condition = ConditionNames.NameOf(condition, generator), number = i });
            }
        }

        var grid = Path.Combine(folder, "grid.png");
        File.WriteAllBytes(grid, Grid(generator, conditions, rows, count));
        Console.Out.WriteLine(parsed.GetValue(_output) == "json"
            ? JsonSerializer.Serialize(new { checkpoint = checkpoint.Path, step = checkpoint.Manifest.Step, grid, images })
            : $"{images.Count} images of {conditions.Count} {(conditions.Count == 1 ? "condition" : "conditions")} in {folder}; all in one picture: {grid}");
    }

    private static void Check(int count, string latent, string split)
    {
        var errors = new List<string>();
        if (count is < 1 or > MaxCount)
        {
            errors.Add($"--count {count}: allowed are 1 to {MaxCount}");
        }

        if (latent is not ("walk" or "random"))
        {
            errors.Add($"--latent {latent}: allowed are walk and random");
        }

        if (split is not ("test" or "train"))
        {
            errors.Add($"--split {split}: allowed are test and train");
        }

        if (errors.Count > 0)
        {
            throw new OfflineUsageException(errors);
        }
    }

    /// <summary>A row for each condition, which begins with the condition where that is an image; as many as fit.</summary>
    private static byte[] Grid(ImageGenerator generator, IReadOnlyList<int> conditions, List<float[]> rows, int count)
    {
        var (shown, columns) = (Math.Min(rows.Count, MaxRows), Math.Min(count, MaxColumns));
        var length = generator.Channels * generator.ImageSize * generator.ImageSize;
        var images = new List<float>();
        var first = 0;
        for (var row = 0; row < shown; row++)
        {
            if (generator.ConditionImage(conditions[row]) is { } image)
            {
                images.AddRange(image);
                first = 1;
            }

            images.AddRange(rows[row].AsSpan(0, columns * length));
        }

        return SampleGrid.EncodePng(images.ToArray(), shown, columns + first, generator.Channels, generator.ImageSize);
    }
}
