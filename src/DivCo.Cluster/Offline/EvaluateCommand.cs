using System.CommandLine;
using DivCo.Cluster.Hosting;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Cluster.Offline;

/// <summary><c>divco-server evaluate</c>: the figures of a checkpoint against the images held back for testing.</summary>
internal static class EvaluateCommand
{
    private const string Classifier = "classifier";

    private static readonly Argument<string> _checkpoint = OfflineCommand.Checkpoint();
    private static readonly Option<int> _samples = new("--samples") { DefaultValueFactory = _ => new EvaluationSettings().Samples, Description = "Images to generate" };
    private static readonly Option<string> _features = new("--features")
    {
        DefaultValueFactory = _ => Classifier,
        Description = "classifier: trained here on the data set, once; inception:FILE: InceptionV3 of a safetensors file",
    };

    private static readonly Option<string?> _perceptual = new("--perceptual")
    {
        Description = "classifier, or lpips:FILE: LPIPS with AlexNet of a safetensors file (else the classifier)",
    };

    private static readonly Option<string[]> _metrics = new("--metrics") { Description = "Names of figures (else all)", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<ulong> _seed = new("--seed") { Description = "Of all that is drawn: part of the definition of the figures (else 0)" };
    private static readonly Option<string> _output = OfflineCommand.Output();

    public static Command Create() => new Command("evaluate", "Judge the images of a checkpoint against the test images.")
    {
        _checkpoint, _samples, _features, _perceptual, _metrics, _seed, _output,
    }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel)
    {
        var settings = new EvaluationSettings
        {
            Samples = parsed.GetValue(_samples),
            Metrics = parsed.GetValue(_metrics) is { Length: > 0 } some ? some : EvaluationMetrics.All,
            InceptionWeights = FileOf("--features", parsed.GetValue(_features)!, "inception:"),
            LpipsWeights = parsed.GetValue(_perceptual) is { } perceptual ? FileOf("--perceptual", perceptual, "lpips:") : null,
            Seed = parsed.GetValue(_seed),
        };
        var checkpoint = OfflineCheckpoint.Open(parsed.GetValue(_checkpoint)!);
        var dataRoot = Environment.GetEnvironmentVariable(DatasetCatalog.DataRootVariable);
        var (training, test) = (checkpoint.Data(Split.Train, dataRoot), checkpoint.Data(Split.Test, dataRoot));
        try
        {
            using var evaluator = new Evaluator(settings, training, test, ServerOptions.FeatureNetsIn(ServerSettings.DefaultData()), cancel);
            using var model = checkpoint.Model(test);
            var result = evaluator.Evaluate(model, cancel);
            Console.Out.WriteLine(parsed.GetValue(_output) == "json" ? OneLine(result.ToJson()) : Text(result));
        }
        catch (Exception e) when (e is EvaluationException or DatasetException)
        {
            throw new OfflineException(e.Message, e);
        }
    }

    /// <summary>The file after the prefix; null for the classifier.</summary>
    private static string? FileOf(string option, string value, string prefix) =>
        value == Classifier ? null
        : value.StartsWith(prefix, StringComparison.Ordinal) && value.Length > prefix.Length ? Path.GetFullPath(value[prefix.Length..])
        : throw new OfflineUsageException($"{option} {value}: allowed are {Classifier} and {prefix}FILE");

    private static string OneLine(string json) => string.Concat(json.Split('\n').Select(line => line.Trim()));

    private static string Text(EvaluationResult result) => string.Join('\n', (string[])
    [
        $"step {result.Step}, {result.Images} images",
        .. result.Sets.SelectMany(set => (string[])[$"{set.Net}, against {set.Against}", .. set.Figures.Select(figure => $"  {figure.Key,-24} {figure.Value:0.#####}")]),
    ]);
}
