using DivCo.EndToEnd.Tests.Processes;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Two servers by hand, a sweep from another terminal, and every process killed on the way.</summary>
public sealed class KilledAndResumedTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Stopped_then_killed_then_resumed_ends_with_the_hash_of_the_undisturbed_run()
    {
        using var folder = new TempFolder();
        var spec = folder.Write("tiny.yaml", Sweeps.Tiny(steps: 60, every: 10));
        var undisturbed = (await Divco.Run("run", spec, "--results", folder.File("undisturbed"), "--processes", "1", "--devices", "cpu:2", "--output", "json")).Succeeded();

        await using (var a = await ServerProcess.Start(folder, "a"))
        await using (var b = await ServerProcess.Start(folder, "b"))
        {
            (await Divco.Run("submit", spec, "--id", "by-hand", "--server", a.Api)).Succeeded();
            await using var watch = Divco.Begin("watch", "by-hand", "--server", b.Api, "--output", "json");
            await watch.Line(line => line.Contains("step-000010"), _deadline);
            (await Divco.Run("stop", "by-hand", "--server", b.Api)).Succeeded();
            await watch.Exit(_deadline);
            await a.Kill();
            await b.Kill();
        }

        await using (var a = await ServerProcess.Start(folder, "a"))
        await using (var b = await ServerProcess.Start(folder, "b"))
        {
            (await Divco.Run("resume", "by-hand", "--server", b.Api)).Succeeded();
            var watched = await Divco.Run("watch", "by-hand", "--server", a.Api, "--output", "json");
            Assert.Equal(Final(undisturbed, "weights_sha256"), Final(watched, "weights_sha256"));
            Assert.Equal(Final(undisturbed, "state_sha256"), Final(watched, "state_sha256"));
            Assert.Equal(0, await a.Terminate());
            Assert.Equal(0, await b.Terminate());
        }

        var steps = File.ReadLines(folder.File("results/by-hand/trials/0/metrics.jsonl")).Where(line => line.Contains("samples_per_s")).ToList();
        Assert.True(steps.Count >= 30, $"30 reports are due, {steps.Count} are there");
    }

    [Fact]
    public async Task Both_servers_killed_in_the_middle_go_on_by_themselves_and_a_damaged_checkpoint_is_passed_over()
    {
        using var folder = new TempFolder();
        var spec = folder.Write("tiny.yaml", Sweeps.Tiny(steps: 60, every: 10));
        var undisturbed = (await Divco.Run("run", spec, "--results", folder.File("undisturbed"), "--processes", "1", "--devices", "cpu:2", "--output", "json")).Succeeded();

        await using (var a = await ServerProcess.Start(folder, "a"))
        await using (var b = await ServerProcess.Start(folder, "b"))
        {
            (await Divco.Run("submit", spec, "--id", "by-hand", "--server", a.Api)).Succeeded();
            await using var watch = Divco.Begin("watch", "by-hand", "--server", b.Api, "--output", "json");
            await watch.Line(line => line.Contains("step-000020"), _deadline);
            await a.Kill();
            await b.Kill();
        }

        var newest = Directory.GetDirectories(folder.File("results/by-hand/trials/0/checkpoints"), "step-*").Order(StringComparer.Ordinal).Last();
        var weights = await File.ReadAllBytesAsync(Path.Combine(newest, "weights.safetensors"));
        weights[^1] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(newest, "weights.safetensors"), weights);

        await using (var a = await ServerProcess.Start(folder, "a"))
        await using (var b = await ServerProcess.Start(folder, "b"))
        {
            var watched = await Divco.Run("watch", "by-hand", "--server", a.Api, "--output", "json");
            Assert.Contains(Path.GetFileName(newest) + " is not used", string.Join('\n', watched.Output));
            Assert.Equal(Final(undisturbed, "weights_sha256"), Final(watched, "weights_sha256"));
        }
    }

    private static string Final(Divco.Answer answer, string field) =>
        answer.Succeeded().Json.GetProperty("trials").EnumerateArray().Single().GetProperty(field).GetString()!;
}
