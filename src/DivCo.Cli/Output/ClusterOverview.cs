using DivCo.Protocol;
using DivCo.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DivCo.Cli.Output;

/// <summary>One look at a cluster.</summary>
/// <param name="Sweeps">That have not ended, with their trials.</param>
/// <param name="Others">Further ones that have not ended.</param>
internal sealed record ClusterOverview(IReadOnlyList<Sweep> Sweeps, int Others, IReadOnlyList<Device> Devices)
{
    public IRenderable Show()
    {
        var trials = Sweeps.SelectMany(sweep => sweep.Status.Trials.Select(trial => (Sweep: sweep, Trial: trial)))
            .Where(one => one.Trial.State is State.Queued or State.Running or State.Stopping).ToList();
        var leased = Devices.Count(device => device.TrialId.Length > 0);
        var samples = trials.Sum(one => one.Trial.State == State.Running ? one.Trial.Metric(MetricNames.SamplesPerS) ?? 0 : 0);
        return new Rows(
        [
            new Text($"{Sweeps.Count + Others} sweeps, {trials.Count} trials, {leased} of {Devices.Count} devices leased, {Terminal.Show(samples)} samples/s"),
            SweepTables.Table(["sweep", "state", "trials"], Sweeps.Select(sweep => (string[])[sweep.Id, Words.Of(sweep.Status.State), sweep.Status.Reason])),
            SweepTables.Table(["trial", "state", "step", "eta", "samples/s", "loss_g", "epoch", "devices", ""], trials.Select(one => (string[])[
                one.Trial.Id, Words.Of(one.Trial.State), $"{one.Trial.Step}/{one.Trial.Steps}", Words.Of(Words.TimeLeft(one.Trial, one.Sweep.Spec)),
                Terminal.Show(one.Trial.Metric(MetricNames.SamplesPerS)), Terminal.Show(one.Trial.Metric(MetricNames.LossG)), $"{one.Trial.Epoch}",
                string.Join(' ', one.Trial.Devices), SweepTables.Explains(one.Trial) ? "" : one.Trial.Reason])),
            SweepTables.Table(["device", "hardware class", "trial"], Devices.Select(device => (string[])[device.Id, device.HardwareClass, Words.Use(device)])),
        ]);
    }
}
