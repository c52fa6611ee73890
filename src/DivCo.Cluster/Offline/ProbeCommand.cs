using System.CommandLine;
using System.Text.Json;
using DivCo.Cluster.Hosting;
using DivCo.Training.Determinism;

namespace DivCo.Cluster.Offline;

/// <summary><c>divco-server probe</c>: which kernels do not give one result for one input on this machine; no cluster is needed.</summary>
internal static class ProbeCommand
{
    private const int MaxRows = 4096;
    private const int MaxRepetitions = 1000;

    private static readonly Option<string> _devices = new("--devices") { DefaultValueFactory = _ => "cpu:2", Description = "Devices that compute at once, such as cpu:2" };
    private static readonly Option<int> _imageSize = Number("--image-size", 32, "Of images, in pixels");
    private static readonly Option<int> _channels = Number("--channels", 1, "Of images");
    private static readonly Option<int> _width = Number("--width", 16, "Feature maps of the largest layer");
    private static readonly Option<int> _features = Number("--feature-dim", 128, "Features of one image");
    private static readonly Option<int> _rows = Number("--rows", 16, "Images of one call");
    private static readonly Option<int> _repetitions = Number("--repetitions", 2, "Of each kernel on each device");

    public static Command Create()
    {
        var command = new Command("probe", "Find kernels that do not repeat their bits on this machine; prints one JSON object.")
        {
            _devices, _imageSize, _channels, _width, _features, _rows, _repetitions,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var devices = ServerOptionsRules.DevicesOf(parsed.GetRequiredValue(_devices)) is { Kind: DeviceSpec.Cpu, Count: var count } ? count : (int?)null;
        var errors = Errors(parsed, devices);
        if (errors.Count > 0)
        {
            errors.ForEach(error => Console.Error.WriteLine($"divco-server: {error}"));
            return 2;
        }

        var shape = new ProbeShape(
            parsed.GetRequiredValue(_imageSize), parsed.GetRequiredValue(_channels), parsed.GetRequiredValue(_width), parsed.GetRequiredValue(_features),
            parsed.GetRequiredValue(_rows));
        Console.Out.WriteLine(Json(KernelProbe.Run(shape, devices!.Value, parsed.GetRequiredValue(_repetitions), CancellationToken.None)));
        return 0;
    }

    internal static string Json(ProbeResult result) => JsonSerializer.Serialize(new
    {
        hardware_class = result.HardwareClass,
        devices = result.Devices,
        repetitions = result.Repetitions,
        kernels = result.Kernels.Select(finding => new
        {
            name = finding.Kernel,
            deterministic = finding.IsDeterministic,
            differs = finding.Differs.Select(condition => condition.ToString().ToLowerInvariant()),
        }),
    });

    private static List<string> Errors(ParseResult parsed, int? devices)
    {
        var errors = new List<string>();
        if (devices is not > 0)
        {
            errors.Add($"--devices {parsed.GetRequiredValue(_devices)}: allowed is cpu:N with N from 1 to {ServerOptionsRules.MaxDevices}, such as cpu:2");
        }

        var size = parsed.GetRequiredValue(_imageSize);
        if (size is < 8 or > 256 || !int.IsPow2(size))
        {
            errors.Add($"--image-size {size}: allowed are 8, 16, 32, 64, 128 and 256");
        }

        Within(_channels, 16);
        Within(_width, 1024);
        Within(_features, 4096);
        Within(_rows, MaxRows);
        Within(_repetitions, MaxRepetitions);
        return errors;

        void Within(Option<int> option, int max)
        {
            var value = parsed.GetRequiredValue(option);
            if (value < 1 || value > max)
            {
                errors.Add($"{option.Name} {value}: allowed are 1 to {max}");
            }
        }
    }

    private static Option<int> Number(string name, int value, string purpose) => new(name) { DefaultValueFactory = _ => value, Description = purpose };
}
