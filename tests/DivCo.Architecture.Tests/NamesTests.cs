using System.Text.RegularExpressions;

namespace DivCo.Architecture.Tests;

/// <summary>A name says what a thing is. These words say only that nobody knew.</summary>
public sealed partial class NamesTests
{
    private static readonly string[] Empty =
        ["Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Abstractions", "Core", "Shared"];

    [Fact]
    public void No_folder_or_file_has_an_empty_name()
    {
        var named = Repository.Files("src").Concat(Repository.Files("tests")).Concat(Repository.Files("protos"))
            .Where(path => path.Split('/', '.').SelectMany(WordsOf).Any(Empty.Contains));
        Assert.Empty(named);
    }

    [Fact]
    public void No_type_has_an_empty_name()
    {
        var named =
            from path in Repository.Files("src").Concat(Repository.Files("tests"))
            where path.EndsWith(".cs", StringComparison.Ordinal)
            from Match declaration in Declaration().Matches(File.ReadAllText(Repository.PathOf(path)))
            where WordsOf(declaration.Groups["name"].Value).Any(Empty.Contains)
            select $"{path}: {declaration.Groups["name"].Value}";
        Assert.Empty(named);
    }

    private static IEnumerable<string> WordsOf(string name) => Word().Matches(name).Select(word => word.Value);

    [GeneratedRegex(@"^[^/""\n]*\b(class|record struct|record|struct|interface|enum|delegate \S+)\s+(?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")]
    private static partial Regex Word();
}
