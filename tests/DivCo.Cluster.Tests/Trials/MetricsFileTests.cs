using DivCo.Cluster.Tests.Hosting;
using DivCo.Cluster.Trials;
using DivCo.Protocol;

namespace DivCo.Cluster.Tests.Trials;

public sealed class MetricsFileTests : IDisposable
{
    private static readonly TrialId _trial = TrialId.Parse("t/0");

    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "trials", "metrics.jsonl");

    [Fact]
    public async Task A_line_that_is_said_again_is_there_once()
    {
        var file = new MetricsFile(Path);
        await Append(file, 2, 4, 4, 6);
        Assert.Equal(3, Lines().Length);

        // Also where the answer was lost with the process that gave it.
        await Append(new MetricsFile(Path), 6, 8);
        Assert.Equal(4, Lines().Length);
        Assert.Equal((8, 8.0), await Last());
    }

    [Theory]
    [InlineData("{\"trial\":\"t/0\",\"st")]
    [InlineData("\0\0\0")]
    public async Task What_was_torn_off_is_cut_before_the_next_line(string torn)
    {
        await Append(new MetricsFile(Path), 2, 4);
        File.AppendAllText(Path, torn);
        Assert.Equal((4, 4.0), await Last());
        await Append(new MetricsFile(Path), 4, 6);
        Assert.Equal(3, Lines().Length);
        Assert.DoesNotContain(torn + "{", File.ReadAllText(Path));
        Assert.Equal((6, 6.0), await Last());
    }

    [Fact]
    public async Task A_line_that_could_not_be_written_is_written_later()
    {
        Directory.CreateDirectory(Path);
        var file = new MetricsFile(Path);
        await Assert.ThrowsAnyAsync<UnauthorizedAccessException>(() => Append(file, 2));
        Directory.Delete(Path);
        await Append(file, 2, 4);
        Assert.Equal(2, Lines().Length);
    }

    [Fact]
    public async Task After_a_cut_the_steps_are_written_again()
    {
        var file = new MetricsFile(Path);
        await Append(file, 2, 4, 6);
        await file.CutAfter(2);
        await file.CutAfter(2);
        await Append(file, 4, 6);
        Assert.Equal([2, 4, 6], Lines().Select(line => int.Parse(line.Split("\"step\":")[1].Split(',')[0], null)));
    }

    [Fact]
    public async Task What_an_overtaken_activation_writes_is_seen_by_nobody()
    {
        var (first, second) = (new MetricsFile(Path), new MetricsFile(Path));
        await Report(first, epoch: 1, 1, 2, 3);

        // The second one leads epoch 2, which starts after step 2; the first has not heard of it.
        await second.CutAfter(2);
        await Report(first, epoch: 1, 4);
        await Report(second, epoch: 2, 3, 4);
        await Report(first, epoch: 1, 5);

        Assert.Equal(["1 of 1", "2 of 1", "3 of 2", "4 of 2"], Lines().Select(Words));
        Assert.Equal(4, (await new MetricsFile(Path).Last(TestContext.Current.CancellationToken)).Step);
    }

    public void Dispose() => _folder.Dispose();

    private static Task Append(MetricsFile file, params int[] steps) => Report(file, 1, steps);

    private static async Task Report(MetricsFile file, uint epoch, params int[] steps)
    {
        foreach (var step in steps)
        {
            await file.Append(_trial, epoch, step, new Dictionary<string, double> { ["loss"] = step });
        }
    }

    private static string Words(string line)
    {
        var entry = System.Text.Json.JsonDocument.Parse(line).RootElement;
        return $"{entry.GetProperty("step").GetInt32()} of {entry.GetProperty("epoch").GetInt32()}";
    }

    private async Task<(int, double)> Last()
    {
        var latest = await new MetricsFile(Path).Last(TestContext.Current.CancellationToken);
        return (latest.Step, latest.Values["loss"]);
    }

    private string[] Lines() => File.ReadAllLines(Path);
}
