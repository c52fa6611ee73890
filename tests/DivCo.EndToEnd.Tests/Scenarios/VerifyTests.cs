using System.Security.Cryptography;
using System.Text.Json;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary><c>divco verify</c> as a user runs it: real servers, a real kill, a real resume.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task One_two_and_three_workers_a_kill_and_a_resume_come_to_one_result()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());
        var proof = await scenario.Run("verify", spec, "--workers", "1,2,3", "--kill", "--results", scenario.Results, "--output", "json");

        proof.MustSucceed();
        Assert.True(proof.Json.GetProperty("identical").GetBoolean());
        Assert.StartsWith("cpu ", proof.Json.GetProperty("hardware_class").GetString(), StringComparison.Ordinal);
        Assert.Empty(proof.Json.GetProperty("kernels").GetProperty("non_deterministic").EnumerateArray());
        var runs = proof.Json.GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal(["1", "2", "3", "3-killed", "1-to-3"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.All(runs, run => Assert.Equal(6, run.GetProperty("step").GetInt32()));
        Assert.All(runs, run => Assert.Equal(Text(runs[0], "weights_sha256"), Text(run, "weights_sha256")));
        Assert.All(runs, run => Assert.Equal(Text(runs[0], "state_sha256"), Text(run, "state_sha256")));
        Assert.Contains("silo-0 ended with 137", proof.Errors, StringComparison.Ordinal);
        Assert.Empty(scenario.Processes.Running("divco-server"));

        // The files say so too.
        foreach (var run in runs)
        {
            var trial = Path.Combine(scenario.Results, Text(run, "name"), "verify", "trials", "0");
            var checkpoint = Directory.GetDirectories(Path.Combine(trial, "checkpoints"), "step-000006-*").Single();
            Assert.Equal(Text(run, "weights_sha256"), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(checkpoint, "weights.safetensors")))));
        }
    }

    [Fact]
    public async Task Interrupted_it_leaves_no_server_and_no_file()
    {
        await using var scenario = new Scenario();
        var temporary = Directory.CreateDirectory(Path.Combine(scenario.Folder, "tmp")).FullName;
        var proof = scenario.Start("divco verify", "/usr/bin/env",
            [$"TMPDIR={temporary}", Processes.Installation.Divco, "verify", scenario.Write("tiny.yaml", Specs.Tiny()), "--workers", "2"]);
        await proof.Says("  step ", Processes.Deadline.Training);
        proof.Send(Processes.Signal.Interrupt);
        Assert.Equal(130, await proof.Exit());
        Assert.Empty(scenario.Processes.Running("divco-server"));
        Assert.Empty(Directory.GetFileSystemEntries(temporary, "divco-verify-*"));
    }

    private static string Text(JsonElement run, string name) => run.GetProperty(name).GetString()!;
}
