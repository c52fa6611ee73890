namespace DivCo.Cluster.Hosting.Settings;

/// <summary>One thing that can be set: by <c>--name</c>, by a variable of the environment, or by a key of the file that <c>--config</c> names.</summary>
/// <param name="Name">Of the flag, without its dashes.</param>
/// <param name="Default">Null: none.</param>
internal sealed record Setting(string Name, string? Default, string Description)
{
    /// <summary>Never shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Is there or not; has no value on a command line, and true or false elsewhere.</summary>
    public bool IsSwitch { get; init; }

    public string Flag => $"--{Name}";

    /// <summary>The variable of the environment.</summary>
    public string Variable { get; init; } = $"DIVCO_SERVER_{Name.ToUpperInvariant().Replace('-', '_')}";

    /// <summary>The key of the file.</summary>
    public string Key => Name.Replace('-', '_');
}
