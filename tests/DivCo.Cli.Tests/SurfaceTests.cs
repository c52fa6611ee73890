using System.CommandLine;
using System.Text;
using DivCo.Cli.Output;

namespace DivCo.Cli.Tests;

/// <summary>
/// What people and scripts type is frozen in Surface.txt. A change of it is a decision: copy the actual file, which the failed
/// test names, over the frozen one.
/// </summary>
public sealed class SurfaceTests
{
    [Fact]
    public async Task The_help_of_all_commands_is_as_frozen()
    {
        var actual = new StringBuilder();
        foreach (var path in Paths(CommandTree.Build(new Invocation(new Terminal(TextWriter.Null, TextWriter.Null, false))), []))
        {
            var help = await Divco.RunAsync([.. path, "--help"]);
            Assert.Equal(0, help.Code);
            var lines = help.Out.Replace(RootCommand.ExecutableName, "divco").Split('\n').Select(line => line.TrimEnd());
            actual.Append("$ divco ").AppendJoin(' ', [.. path, "--help"]).Append('\n').Append(string.Join('\n', lines).TrimEnd()).Append("\n\n");
        }

        var frozen = Path.Combine(RecipeTests.Repository(), "tests", "DivCo.Cli.Tests", "Surface.txt");
        var written = Path.Combine(AppContext.BaseDirectory, "Surface.actual.txt");
        File.WriteAllText(written, actual.ToString());
        Assert.True(File.Exists(frozen) && File.ReadAllText(frozen) == actual.ToString(), $"the command line changed: compare {written} with {frozen}");
    }

    private static IEnumerable<string[]> Paths(Command command, string[] path) =>
        [path, .. command.Subcommands.SelectMany(below => Paths(below, [.. path, below.Name]))];
}
