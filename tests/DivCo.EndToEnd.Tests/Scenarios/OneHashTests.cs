using System.Security.Cryptography;
using System.Text.Json;
using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>The weights do not depend on who computed them.</summary>
public sealed class OneHashTests
{
    [Fact]
    public async Task One_worker_two_in_a_process_and_two_processes_give_one_hash()
    {
        using var folder = new TempFolder();
        var spec = folder.Write("tiny.yaml", Sweeps.Tiny());
        var one = await Train(folder, spec, "one", "--workers", "1", "--processes", "1", "--devices", "cpu:1");
        var local = await Train(folder, spec, "local", "--workers", "2", "--processes", "1", "--devices", "cpu:2");
        var remote = await Train(folder, spec, "remote", "--workers", "2", "--processes", "2", "--devices", "cpu:1");
        var three = await Train(folder, spec, "three", "--workers", "3", "--processes", "2", "--devices", "cpu:2");

        Assert.Equal(one.Weights, local.Weights);
        Assert.Equal(one.Weights, remote.Weights);
        Assert.Equal(one.Weights, three.Weights);
        Assert.Equal(one.State, local.State);
        Assert.Equal(one.State, remote.State);
        Assert.Equal(one.State, three.State);
    }

    private static async Task<(string Weights, string State)> Train(TempFolder folder, string spec, string results, params string[] options)
    {
        var answer = (await Divco.Run(["run", spec, "--results", folder.File(results), "--output", "json", .. options])).Succeeded();
        var trial = answer.Json.GetProperty("trials").EnumerateArray().Single();
        Assert.Equal("succeeded", trial.GetProperty("state").GetString());
        Assert.Equal(12, trial.GetProperty("steps").GetInt32());
        Assert.True(double.IsFinite(trial.GetProperty("metrics").GetProperty("loss_contra").GetDouble()));
        Assert.Equal(trial.GetProperty("id").GetString(), answer.Json.GetProperty("best").GetString());

        var weights = trial.GetProperty("weights_sha256").GetString()!;
        var file = Path.Combine(trial.GetProperty("checkpoint").GetString()!, "weights.safetensors");
        Assert.Equal(weights, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file))));
        return (weights, trial.GetProperty("state_sha256").GetString()!);
    }
}
