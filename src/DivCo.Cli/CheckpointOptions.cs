using System.CommandLine;

namespace DivCo.Cli;

/// <summary>Options of the commands that use a checkpoint. The server's executable does the work, and applies checks and defaults.</summary>
internal static class CheckpointOptions
{
    public static readonly Option<string[]> Condition = new("--condition")
    {
        Description = "Name or number of a condition, as often as wanted (else a few that stand for all)",
        HelpName = "condition",
        AllowMultipleArgumentsPerToken = true,
    };

    public static readonly Option<string?> Count = Text("--count", "count", "Images of each condition (else 16)");
    public static readonly Option<string?> Latent = Text("--latent", "kind", "random: independent codes (the default); walk: codes on the way from one to another");
    public static readonly Option<string?> Seed = Text("--seed", "seed", "Of the latent codes (else the trial's own, as in its sample pictures; of an evaluation: 0)");
    public static readonly Option<string?> Split = Text("--split", "part", "Where conditions that are images come from: test (the default) or train");
    public static readonly Option<string?> Samples = Text("--samples", "count", "Images to generate (else 10000)");
    public static readonly Option<string?> Features = Text("--features", "net", "classifier (the default): trained here on the data set, once; inception:FILE: InceptionV3");
    public static readonly Option<string?> Perceptual = Text("--perceptual", "net", "classifier (the default), or lpips:FILE: LPIPS with AlexNet");
    public static readonly Option<string[]> Metrics = new("--metrics") { Description = "Names of figures (else all)", HelpName = "name", AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string?> Directory = Text("--output-dir", "folder", "Folder to write into, new or empty (else one named after the command)");

    private static Option<string?> Text(string name, string what, string description) => new(name) { Description = description, HelpName = what };
}
