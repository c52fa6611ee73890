using System.Text.Json;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary><c>divco bench</c> as a user runs it, at sizes that take no time: what the figures are is the machine's matter, that they are there is ours.</summary>
public sealed class BenchTests
{
    [Theory]
    [InlineData("local", "unix")]
    [InlineData("grpc", "tcp")]
    [InlineData("grpc", "unix")]
    [InlineData("grpc", "shm")]
    public async Task All_reduces_have_figures_and_references(string link, string transport)
    {
        await using var scenario = new Scenario();
        var bench = await scenario.Run("bench", "allreduce", "--ranks", "2", "--bytes", "65536", "--link", link, "--transport", transport, "--repeats", "1", "--output", "json");
        bench.MustSucceed();
        var reduced = bench.Json.GetProperty("allreduce");
        Assert.True(reduced.GetProperty("checked").GetInt32() > 0);
        foreach (var figure in (string[])["seconds", "algbw_gib_s", "busbw_gib_s"])
        {
            Positive(reduced.GetProperty(figure));
        }

        Positive(bench.Json.GetProperty("references").GetProperty("sockets").GetProperty("gib_s"));
        Positive(bench.Json.GetProperty("references").GetProperty("copy").GetProperty("gib_s"));
        var gloo = bench.Json.GetProperty("references").GetProperty("gloo");
        Assert.True(gloo.TryGetProperty("missing", out _) || gloo.GetProperty("algbw_gib_s").GetProperty("median").GetDouble() > 0);
        Assert.Empty(scenario.Processes.Running("divco-server"));
    }

    [Fact]
    public async Task A_size_that_is_none_is_named()
    {
        await using var scenario = new Scenario();
        var bench = await scenario.Run("bench", "allreduce", "--bytes", "7");
        Assert.Equal(2, bench.ExitCode);
        Assert.Contains("--bytes 7: allowed are multiples of 4", bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_scaling_and_checkpoints_have_figures_and_references()
    {
        await using var scenario = new Scenario();
        var spec = scenario.Write("tiny.yaml", Specs.Tiny());

        var step = await scenario.Run("bench", "step", spec, "--steps", "4", "--repeats", "1", "--output", "json");
        step.MustSucceed();
        Assert.True(step.Json.GetProperty("same_weights").GetBoolean());
        Positive(step.Json.GetProperty("step_seconds"));
        Positive(step.Json.GetProperty("references").GetProperty("bare_loop").GetProperty("step_seconds"));
        Positive(step.Json.GetProperty("step_to_bare"));

        var scaling = await scenario.Run("bench", "scaling", spec, "--steps", "4", "--repeats", "1", "--output", "json");
        scaling.MustSucceed();
        var workers = scaling.Json.GetProperty("workers").EnumerateArray().ToList();
        Assert.Equal([1, 2], workers.Select(one => one.GetProperty("workers").GetInt32()));
        Assert.All(workers, one => Positive(one.GetProperty("speedup")));
        Assert.All(workers, one => Positive(one.GetProperty("unrelated_speedup")));

        var checkpoint = await scenario.Run("bench", "checkpoint", spec, "--repeats", "1", "--output", "json");
        checkpoint.MustSucceed();
        Positive(checkpoint.Json.GetProperty("wait_seconds"));
        Positive(checkpoint.Json.GetProperty("references").GetProperty("durable_write").GetProperty("gib_s"));
    }

    private static void Positive(JsonElement spread)
    {
        Assert.True(spread.GetProperty("count").GetInt32() > 0);
        Assert.InRange(spread.GetProperty("median").GetDouble(), double.Epsilon, double.MaxValue);
    }
}
