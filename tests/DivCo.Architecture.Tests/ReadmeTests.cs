using System.Text.RegularExpressions;

namespace DivCo.Architecture.Tests;

/// <summary>What the README names is there: files, folders and types.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] SourceEndings = [".cs", ".proto", ".csproj", ".sln", ".props", ".targets"];

    private static readonly string Text = File.Exists(Repository.PathOf("README.md")) ? File.ReadAllText(Repository.PathOf("README.md")) : "";

    [Fact]
    public void Every_path_it_names_exists() =>
        Assert.DoesNotContain(Spans().Concat(ProseWords()), text => IsPathOfTheRepository(text) && !Exists(text));

    [Fact]
    public void Every_link_leads_somewhere() =>
        Assert.DoesNotContain(
            Link().Matches(Text).Select(link => link.Groups["target"].Value.Split('#')[0]),
            target => target.Length > 0 && !target.Contains(':') && !Exists(target));

    [Fact]
    public void Every_type_it_names_is_in_the_sources()
    {
        var identifiers = Repository.Files("src").Concat(Repository.Files("protos")).Concat(Repository.Files("tests"))
            .Where(path => SourceEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
            .SelectMany(path => Identifier().Matches(WithoutComments(File.ReadAllText(Repository.PathOf(path)))).Select(m => m.Value))
            .ToHashSet();
        Assert.DoesNotContain(Spans(), span => TypeName().IsMatch(span) && !identifiers.Contains(span));
    }

    [Fact]
    public void Every_project_it_names_exists() =>
        Assert.DoesNotContain(Project().Matches(Text).Select(match => match.Value), name =>
            name != "DivCo.Cluster.sln" && !File.Exists(Repository.PathOf($"src/{name}/{name}.csproj"))
            && !File.Exists(Repository.PathOf($"tests/{name}/{name}.csproj")));

    private static IEnumerable<string> Spans() => Span().Matches(Fence().Replace(Text, "")).Select(span => span.Groups["code"].Value);

    private static IEnumerable<string> ProseWords() => Text.Split([' ', '\n', '(', ')', ',', ';', '`', '"']).Select(word => word.TrimEnd('.', ':'));

    /// <summary>A source file by its ending, or a path below one of the top folders. Names with placeholders are no paths.</summary>
    private static bool IsPathOfTheRepository(string text) =>
        PlainPath().IsMatch(text)
        && (SourceEndings.Any(ending => text.EndsWith(ending, StringComparison.Ordinal) && text.Length > ending.Length)
            || (text.Contains('/') && text[0] != '/' && Directory.Exists(Repository.PathOf(text.Split('/')[0])) && !IsBuilt(text)));

    private static bool IsBuilt(string path) => path.Split('/')[0] is "artifacts" or "results";

    private static bool Exists(string path) =>
        File.Exists(Repository.PathOf(path)) || Directory.Exists(Repository.PathOf(path))
        || (!path.Contains('/') && Repository.Files().Any(file => Path.GetFileName(file) == path));

    private static string WithoutComments(string source) => Comment().Replace(source, "");

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\.?[\w-][\w./-]*$")]
    private static partial Regex PlainPath();

    [GeneratedRegex("^[A-Z][a-z0-9]+([A-Z][a-z0-9]*)+$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\bDivCo\.[A-Z]\w+(\.Tests)?\b(\.sln)?")]
    private static partial Regex Project();

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}
