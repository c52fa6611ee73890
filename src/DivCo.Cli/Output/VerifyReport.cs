using System.Globalization;
using System.Text.Json.Nodes;
using DivCo.Cli.Verification;

namespace DivCo.Cli.Output;

/// <summary>What a proof came to, for a person or as one JSON object.</summary>
internal static class VerifyReport
{
    private const int ShortHash = 16;

    public static void WriteProof(this Terminal terminal, DeviceProbe probe, IReadOnlyList<VerifiedRun> runs, IReadOnlyList<VerifiedRun> differing)
    {
        if (terminal.Json)
        {
            terminal.WriteJson(Json(probe, runs, differing));
            return;
        }

        terminal.WriteTable("no runs", ["run", "step", "seconds", "weights sha256", "state sha256", ""], runs.Select(run => (string[])[
            $"{run.Run}", $"{run.Step}", run.Seconds.ToString("F1", CultureInfo.InvariantCulture),
            Short(run.WeightsSha256), Short(run.StateSha256), differing.Contains(run) ? "differs" : ""]));
        terminal.Out.WriteLine($"hardware class: {probe.HardwareClass}");
        terminal.Out.WriteLine(Kernels(probe));
        terminal.Out.WriteLine(differing.Count == 0
            ? $"identical: {runs.Count} runs, one result after step {runs[0].Step}: weights_sha256 {runs[0].WeightsSha256}, state_sha256 {runs[0].StateSha256}"
            : $"NOT identical: {string.Join("; ", differing.Select(run => run.Run))}");
    }

    private static JsonObject Json(DeviceProbe probe, IReadOnlyList<VerifiedRun> runs, IReadOnlyList<VerifiedRun> differing) => new()
    {
        ["identical"] = differing.Count == 0,
        ["differing"] = Texts(differing.Select(run => run.Run.Name)),
        ["runs"] = new JsonArray([.. runs.Select(run => new JsonObject
        {
            ["name"] = run.Run.Name,
            ["workers"] = run.Run.Last.Workers,
            ["processes"] = run.Run.Last.Processes,
            ["killed"] = run.Run.Killed,
            ["resumed"] = run.Run.Resumed,
            ["step"] = run.Step,
            ["weights_sha256"] = run.WeightsSha256,
            ["state_sha256"] = run.StateSha256,
            ["seconds"] = run.Seconds,
        })]),
        ["hardware_class"] = probe.HardwareClass,
        ["kernels"] = new JsonObject
        {
            ["probed"] = probe.Kernels,
            ["non_deterministic"] = Texts(probe.NonDeterministic),
            ["alignment_dependent"] = Texts(probe.AlignmentDependent),
        },
    };

    private static string Kernels(DeviceProbe probe) => probe.NonDeterministic.Count == 0
        ? $"kernels: each of {probe.Kernels} repeats its bits, alone and beside others"
        : $"kernels that are not deterministic here: {string.Join("; ", probe.NonDeterministic)}";

    private static string Short(string hash) => hash[..Math.Min(ShortHash, hash.Length)];

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
