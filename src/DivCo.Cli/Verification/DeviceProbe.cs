using System.Diagnostics;
using System.Text.Json;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Verification;

/// <summary>What the server says of the kernels on this machine.</summary>
/// <param name="NonDeterministic">Kernels that gave other bits for the same input, each with the circumstances.</param>
/// <param name="AlignmentDependent">Kernels that gave other bits at an alignment that no training has.</param>
internal sealed record DeviceProbe(string HardwareClass, int Kernels, IReadOnlyList<string> NonDeterministic, IReadOnlyList<string> AlignmentDependent)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(15);

    /// <summary>Probes the kinds of kernels at the sizes of a trial; where a size is searched, at the server's own default.</summary>
    /// <exception cref="CommandException">The probe failed, or took more than 15 minutes; the message has what it said.</exception>
    public static async Task<DeviceProbe> RunAsync(string executable, TrialSpec trial, int devices, CancellationToken cancel)
    {
        string[] arguments = ["probe", "--devices", $"cpu:{devices}", .. Sizes(trial)];
        using var process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(_patience);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            var (said, complained) = (await output, await error);
            return process.ExitCode == 0 ? Parse(said) : throw new CommandException(
                ExitCode.Failed, $"the probe of the kernels ended with {process.ExitCode}: {complained.Trim()}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Failed, $"the probe of the kernels had not ended after {_patience.TotalMinutes} minutes");
        }
        finally
        {
            process.Kill(entireProcessTree: true); // one that has ended is no error
        }
    }

    internal static DeviceProbe Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var kernels = document.RootElement.GetProperty("kernels").EnumerateArray().Select(kernel => (
                Name: kernel.GetProperty("name").GetString()!,
                Deterministic: kernel.GetProperty("deterministic").GetBoolean(),
                Differs: string.Join(", ", kernel.GetProperty("differs").EnumerateArray().Select(condition => condition.GetString())))).ToList();
            return new(
                document.RootElement.GetProperty("hardware_class").GetString()!,
                kernels.Count,
                [.. kernels.Where(kernel => !kernel.Deterministic).Select(kernel => $"{kernel.Name} ({kernel.Differs})")],
                [.. kernels.Where(kernel => kernel.Deterministic && kernel.Differs.Length > 0).Select(kernel => kernel.Name)]);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandException(ExitCode.Failed, $"the probe of the kernels answered with what is no result of one: {failure.Message}");
        }
    }

    private static IEnumerable<string> Sizes(TrialSpec trial)
    {
        var rows = trial.HasBatchSize && trial.Shards.HasData ? trial.BatchSize / trial.Shards.Data : 0;
        (string Option, int Size)[] sizes =
        [
            ("--image-size", trial.Model.ImageSize), ("--channels", trial.Model.Channels), ("--width", trial.Model.Width), ("--feature-dim", trial.Model.FeatureDim),
            ("--rows", rows),
        ];
        return sizes.Where(size => size.Size > 0).SelectMany(size => (string[])[size.Option, $"{size.Size}"]);
    }
}
