using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using DivCo.Cluster.Offline;
using DivCo.Cluster.Workers;
using DivCo.Collectives;
using DivCo.Protocol;
using DivCo.Training;
using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Bench;

/// <summary><c>divco-server bench checkpoint</c>: how long the steps of the first trial of a sweep stand still for checkpoints, beside a plain copy and a plain durable write of their bytes.</summary>
internal static class CheckpointCommand
{
    private const int StepsBetween = 5, CheckpointsOfRun = 4;
    private static readonly Uri _here = new("http://127.0.0.1:1/");

    public static Command Create() => new Command("checkpoint", "Time what checkpoints cost the steps. Prints one JSON object.") { BenchTrial.File, BenchOptions.Repeats }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel)
    {
        var load = Machine.Load();
        var trial = BenchTrial.Open(parsed.GetValue(BenchTrial.File)!);
        var folder = Directory.CreateTempSubdirectory("divco-bench-").FullName;
        try
        {
            List<double> waits = [], durable = [], copies = [], share = [];
            var bytes = 0L;
            for (var round = -1; round < BenchOptions.RepeatsOf(parsed); round++)
            {
                var (wait, run, written) = Train(trial, Path.Combine(folder, $"{round}"), cancel);
                bytes = written.Manifest.Files.Values.Sum(file => file.Bytes);
                var (write, copy) = (Write(Path.Combine(folder, "plain"), bytes), Copy(bytes));
                if (round >= 0)
                {
                    waits.Add(wait / CheckpointsOfRun);
                    share.Add(wait / run);
                    durable.Add(write);
                    copies.Add(copy);
                }
            }

            Console.Out.WriteLine(new JsonObject
            {
                ["bench"] = "checkpoint",
                ["machine"] = Machine.ToJson(load),
                ["bytes"] = bytes,
                ["steps_between"] = StepsBetween,
                ["wait_seconds"] = Spread.Of(waits).ToJson(),
                ["wait_share_of_run"] = Spread.Of(share).ToJson(),
                ["references"] = new JsonObject
                {
                    ["durable_write"] = Bandwidth.Plain(durable, bytes),
                    ["copy"] = Bandwidth.Plain(copies, bytes),
                },
            }.ToJsonString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The real training loop with its recorder. What is waited for at the end of a run, which no step follows, is not counted.</summary>
    private static (double Wait, double Run, WrittenCheckpoint Written) Train(BenchTrial trial, string folder, CancellationToken cancel)
    {
        var config = trial.Config with { Steps = StepsBetween * CheckpointsOfRun, CheckpointEvery = StepsBetween };
        using var replica = new TrainingReplica(config, trial.Dataset);
        using var communicator = new ExchangeHub().Join(new Quorum("bench/0", 1, ["bench/cpu0"], [_here]), 0, ExchangeTimeouts.Default, cancel);
        WrittenCheckpoint? written = null;
        var began = Stopwatch.GetTimestamp();
        var outcome = TrainingLoop.Run(
            new TrainingRun
            {
                Replica = replica,
                ActivationMemory = ActivationMemory.AllShards,
                Communicator = communicator,
                Checkpoints = new CheckpointFolder(folder),
                SamplesFolder = Path.Combine(folder, "samples"),
                TrialHash = TrialHash.Of(trial.Spec),
                Trial = TrialFile.Write(trial.Spec),
                Report = _ => { },
                CheckpointWritten = checkpoint => written = checkpoint,
                StopRequested = () => false,
            },
            cancel);
        return ((outcome.CheckpointWait - outcome.CheckpointFlush).TotalSeconds, (Stopwatch.GetElapsedTime(began) - outcome.CheckpointFlush).TotalSeconds, written!);
    }

    private static double Write(string path, long bytes)
    {
        var content = new byte[bytes];
        var began = Stopwatch.GetTimestamp();
        using (var file = new FileStream(path, FileMode.Create))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double Copy(long bytes)
    {
        var (source, copy) = (new byte[bytes], new byte[bytes]);
        source.CopyTo(copy, 0);
        var began = Stopwatch.GetTimestamp();
        source.CopyTo(copy, 0);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
