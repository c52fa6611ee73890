using DivCo.Cluster.Tests.Hosting;
using DivCo.Cluster.Trials;
using DivCo.Protocol;

namespace DivCo.Cluster.Tests.Trials;

public sealed class MetricsFileTests
{
    private static readonly TrialId _trial = new("sweep", 0);

    [Fact]
    public async Task What_an_overtaken_activation_writes_is_seen_by_nobody()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "trials", "metrics.jsonl");
        var (first, second) = (new MetricsFile(path), new MetricsFile(path));
        await Report(first, epoch: 1, 1, 2, 3);

        // The second one leads epoch 2, which starts after step 2; the first has not heard of it.
        await second.CutAfter(2);
        await Report(first, epoch: 1, 4);
        await Report(second, epoch: 2, 3, 4);
        await Report(first, epoch: 1, 5);

        string[] expected = ["1 of 1", "2 of 1", "3 of 2", "4 of 2"];
        Assert.Equal(expected, (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Select(Words));
        Assert.Equal(4, (await new MetricsFile(path).Last(TestContext.Current.CancellationToken)).Step);
    }

    private static async Task Report(MetricsFile file, uint epoch, params int[] steps)
    {
        foreach (var step in steps)
        {
            await file.Append(_trial, epoch, step, new Dictionary<string, double> { ["loss_d"] = step });
        }
    }

    private static string Words(string line)
    {
        var entry = System.Text.Json.JsonDocument.Parse(line).RootElement;
        return $"{entry.GetProperty("step").GetInt32()} of {entry.GetProperty("epoch").GetInt32()}";
    }
}
