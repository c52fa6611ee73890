namespace DivCo.Cli.Spec;

/// <summary>A place in a text; line and column count from 1.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>What is wrong at a place of a sweep file.</summary>
internal sealed record Finding(Place Place, string Field, string Description)
{
    /// <summary>As compilers write it, so that editors jump there.</summary>
    public string ToString(string file, string severity) =>
        $"{file}:{Place.Line}:{Place.Column}: {severity}: {(Field.Length == 0 ? "" : Field + ": ")}{Description}";
}
