using System.Runtime.CompilerServices;
using DivCo.Cli.Spec;

namespace DivCo.Cli.Tests;

/// <summary>The sweeps that come with the product are valid, without a warning.</summary>
public sealed class RecipeTests
{
    public static TheoryData<string> Files() => [.. Directory.GetFiles(Path.Combine(Repository(), "deploy", "sweeps"), "*.yaml")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_recipe_is_valid(string path)
    {
        var file = SweepFile.Read(path);
        Assert.Empty(file.Errors);
        Assert.Empty(file.Warnings);
    }

    internal static string Repository([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", ".."));
}
