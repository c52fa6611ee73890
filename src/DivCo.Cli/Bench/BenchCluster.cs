using System.Diagnostics;
using System.Text.Json;
using DivCo.Cli.Commands;
using DivCo.Cli.Connection;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Cli.Verification;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Bench;

/// <summary>What a trial on a cluster came to.</summary>
/// <param name="Seconds">Of a step, between each two reports: whatever lies between the steps is in it.</param>
/// <param name="WithinSteps">Of a step, without what lies between the steps.</param>
internal sealed record ClusterRound(IReadOnlyList<double> Seconds, IReadOnlyList<double> WithinSteps, string WeightsSha256);

/// <summary>A real cluster on this machine, on which one trial after another is timed by the lines of its metrics file as they come.</summary>
internal sealed class BenchCluster(ServerGroup servers, ResultsFolder folder, Terminal terminal) : IAsyncDisposable
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(2);
    private int _rounds;

    public static async Task<BenchCluster> StartAsync(string executable, string path, int workers, int processes, Terminal terminal, CancellationToken cancel)
    {
        var folder = new ResultsFolder(path);
        try
        {
            var options = new PlannedLife(workers, Math.Min(workers, processes), 0).Devices.Select((devices, i) => new ServerOptions(
                executable, $"silo-{i}", folder.Data, folder.Path, new DeviceList(devices).Text, folder.Log($"silo-{i}"), folder.ReadyFile($"silo-{i}")));
            return new BenchCluster(await ServerGroup.StartAsync([.. options], terminal.Say, cancel), folder, terminal);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <param name="spec">Of one trial.</param>
    /// <exception cref="CommandException">The trial did not succeed.</exception>
    public async Task<ClusterRound> RoundAsync(SweepSpec spec, CancellationToken cancel)
    {
        var id = $"bench-{_rounds++}";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var stamps = StampAsync(Path.Combine(folder.Path, id, "trials", "0", "metrics.jsonl"), ended.Token);
        using var connection = new ClusterConnection(servers.Addresses[0], Credentials.None);
        await new SweepOfRun(connection, servers, id, terminal).StartAsync(spec, cancel);
        Sweep? last = null;
        await foreach (var sweep in new SweepFollower(id, () => servers.Addresses, Credentials.None, RunCommand.Patience, TimeProvider.System).FollowAsync(cancel))
        {
            last = sweep;
        }

        await ended.CancelAsync();
        var reports = await stamps;
        return last?.Status is { State: State.Succeeded, Trials: [var trial] } && reports.Count > 1
            ? new ClusterRound(
                [.. reports.Zip(reports.Skip(1), (from, to) => Stopwatch.GetElapsedTime(from.Time, to.Time).TotalSeconds / (to.Step - from.Step))],
                [.. reports.Skip(1).Select(report => spec.Trial.BatchSize / report.Pace)],
                trial.Checkpoint.WeightsSha256)
            : throw new CommandException(ExitCode.Failed, $"{id} ended as {Words.Of(last?.Status.State ?? State.Unspecified)} with {reports.Count} reports: {last?.Status.Reason}");
    }

    public async ValueTask DisposeAsync()
    {
        await servers.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>When each report was there. A poll of a small file: what it takes from the training's cores is less than what a stream of messages would.</summary>
    private static async Task<IReadOnlyList<(int Step, long Time, double Pace)>> StampAsync(string path, CancellationToken ended)
    {
        var stamps = new List<(int Step, long Time, double Pace)>();
        var (read, rest) = (0L, "");
        try
        {
            while (true)
            {
                if (File.Exists(path) && new FileInfo(path).Length > read)
                {
                    var now = Stopwatch.GetTimestamp();
                    using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                    file.Position = read;
                    using var reader = new StreamReader(file);
                    var lines = (rest + await reader.ReadToEndAsync(CancellationToken.None)).Split('\n');
                    (read, rest) = (file.Position, lines[^1]);
                    stamps.AddRange(lines[..^1].Select(line => (line, now)).Select(Stamp).Where(stamp => stamp.Step > (stamps.Count == 0 ? 0 : stamps[^1].Step)));
                }

                await Task.Delay(_poll, ended);
            }
        }
        catch (OperationCanceledException)
        {
            return stamps;
        }
    }

    private static (int Step, long Time, double Pace) Stamp((string Line, long Now) read)
    {
        using var line = JsonDocument.Parse(read.Line);
        return (line.RootElement.GetProperty("step").GetInt32(), read.Now, line.RootElement.GetProperty("metrics").GetProperty("samples_per_s").GetDouble());
    }
}
