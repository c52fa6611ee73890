using System.CommandLine;
using System.Globalization;

namespace DivCo.Cli.Verification;

/// <summary>What <c>divco verify</c> is given besides the sweep file.</summary>
internal static class VerifyArguments
{
    public const int MinSteps = 3;

    private const int MaxSteps = 1000;
    private const int MaxWorkers = 256;
    private const int MaxCounts = 16;
    private const string AllowedWorkers = "must be whole numbers from 1 to 256 with commas between them, such as 1,2,3; at most 16, none of them twice";

    public static readonly Option<int[]?> Workers = Counts("--workers", "Worker counts to compare, such as 1,2,3 (else 1,2,3,5, as far as there are shards)");

    public static readonly Option<int> Steps = new("--steps")
    {
        Description = "Steps of each run",
        HelpName = "count",
        DefaultValueFactory = _ => 6,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var steps) && steps is >= MinSteps and <= MaxSteps)
            {
                return steps;
            }

            result.AddError($"--steps {result.Tokens.Single().Value}: must be a whole number from {MinSteps} to {MaxSteps}");
            return MinSteps;
        },
    };

    public static readonly Option<bool> Kill = new("--kill") { Description = "One run more, in which a server process is killed (kill -9) on the way" };
    public static readonly Option<int> Processes = Arguments.Count("--processes", "Server processes of a run, at most one for each worker", 64, 2);

    public static readonly Option<string?> Results = new("--results")
    {
        Description = "Folder to keep checkpoints and logs in (else a temporary one, deleted at the end)",
        HelpName = "folder",
    };

    public static readonly Option<bool> Keep = new("--keep") { Description = "Keep the temporary folder, and say where it is" };

    public static Option<int[]?> Counts(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "counts",
        CustomParser = result =>
        {
            var words = result.Tokens.Single().Value.Split(',');
            var counts = words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0).ToArray();
            if (counts.All(count => count is >= 1 and <= MaxWorkers) && counts.Length <= MaxCounts && counts.Distinct().Count() == counts.Length)
            {
                return counts;
            }

            result.AddError($"{name} {result.Tokens.Single().Value}: {AllowedWorkers}");
            return null;
        },
    };
}
