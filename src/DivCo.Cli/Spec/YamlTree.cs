namespace DivCo.Cli.Spec;

/// <summary>A parsed YAML value with its place.</summary>
internal abstract record YamlTree(Place Place)
{
    /// <param name="Plain">Written without quotes, so that it may be a number, a truth value or null.</param>
    public sealed record Scalar(Place Place, string Text, bool Plain) : YamlTree(Place);

    public sealed record Sequence(Place Place, IReadOnlyList<YamlTree> Items) : YamlTree(Place);

    public sealed record Mapping(Place Place, IReadOnlyList<(Scalar Key, YamlTree Value)> Entries) : YamlTree(Place);

    public string Kind => this switch
    {
        Scalar { Plain: true, Text: "" } => "nothing",
        Scalar scalar => $"'{Shorten(scalar.Text)}'",
        Sequence => "a list",
        _ => "a mapping",
    };

    /// <summary>Texts of the user are repeated only so far that a message stays one readable line.</summary>
    public static string Shorten(string text) =>
        new([.. (text.Length <= 80 ? text : text[..77] + "...").Select(character => char.IsControl(character) ? '?' : character)]);
}
