using System.Globalization;
using Spectre.Console;

namespace DivCo.Cli.Output;

internal enum OutputFormat
{
    Text,
    Json,
}

/// <summary>Where a command writes: results to one stream, everything else to the other.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool live)
{
    private const int RedirectedWidth = 1000; // tables in a file are never broken

    public TextWriter Out { get; } = output;

    public TextWriter Error { get; } = error;

    public OutputFormat Format { get; set; }

    public bool Json => Format == OutputFormat.Json;

    /// <summary>Whether a person watches, so that a table may redraw itself.</summary>
    public bool Live => live && !Json;

    public void Say(string line) => (Json ? Error : Out).WriteLine(line);

    public void Complain(string line) => Error.WriteLine($"divco: {line}");

    public IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = Live ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        if (!live)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }

    /// <summary>A number in a table: four digits that matter.</summary>
    public static string Show(double? number) => number is { } value ? value.ToString("G4", CultureInfo.InvariantCulture) : "-";
}
