using System.CommandLine;
using System.Security.Cryptography;
using DivCo.Cli.Output;
using DivCo.Cli.Spec;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Commands;

/// <summary>The spec of a command: the file, with what the command line overrides.</summary>
internal static class SpecInput
{
    /// <summary>The spec as written, without defaults; null after its errors were written, each with line and column.</summary>
    public static SweepSpec? Read(ParseResult arguments, Terminal terminal)
    {
        return Read(Load(arguments), terminal);
    }

    /// <summary>The spec of a file that was read; null after its errors were written.</summary>
    public static SweepSpec? Read(SweepFile file, Terminal terminal)
    {
        foreach (var warning in file.Warnings)
        {
            terminal.Error.WriteLine(warning.ToString(file.Path, "warning"));
        }

        foreach (var error in file.Errors)
        {
            terminal.Error.WriteLine(error.ToString(file.Path, "error"));
        }

        return file.Errors.Count == 0 ? file.Spec : null;
    }

    /// <summary>The id that was given, or else one drawn here and not by the server: a call that is repeated then never makes a second sweep.</summary>
    public static string Id(ParseResult arguments, SweepSpec spec) =>
        arguments.GetValue(Arguments.Id) ?? SweepId.Draw(spec.Name, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));

    /// <summary>The file, checked again where --workers stands for resources.workers.</summary>
    public static SweepFile Load(ParseResult arguments)
    {
        var file = SweepFile.Read(arguments.GetValue(Arguments.File)!);
        var workers = arguments.GetValue(Arguments.Workers);
        if (workers == 0 || file.Errors.Any(error => error.Field != "resources.workers"))
        {
            return file;
        }

        var spec = file.Spec.Clone();
        spec.Resources ??= new Resources();
        spec.Resources.Workers = workers;
        var place = new Place(1, 1);
        return file with
        {
            Spec = spec,
            Errors = [.. SweepSpecRules.Check(spec).Select(violation => new Finding(place, $"--workers: {violation.Field}", violation.Description))],
        };
    }
}
