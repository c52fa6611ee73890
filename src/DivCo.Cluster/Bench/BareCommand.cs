using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using DivCo.Cluster.Offline;
using DivCo.Training.Bench;

namespace DivCo.Cluster.Bench;

/// <summary>
/// <c>divco-server bench bare</c>: the first trial of a sweep trained without a cluster. A line "WARM STEPS" begins it anew, trains WARM steps, then STEPS
/// that are timed one by one, and answers with their seconds and the SHA-256 of the weights.
/// </summary>
internal static class BareCommand
{
    public static Command Create() => new Command("bare", "Train without a cluster, round by round as standard input says.") { BenchTrial.File }.Does(Run);

    private static void Run(ParseResult parsed, CancellationToken cancel)
    {
        var trial = BenchTrial.Open(parsed.GetValue(BenchTrial.File)!);
        Console.Out.WriteLine("{}");
        while (Console.In.ReadLine()?.Split(' ') is [var warm, var steps])
        {
            using var training = new BareTraining(trial.Config, trial.Dataset);
            for (var step = 0; step < int.Parse(warm); step++)
            {
                training.Train();
            }

            var seconds = new double[int.Parse(steps)];
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            for (var step = 0; step < seconds.Length; step++)
            {
                cancel.ThrowIfCancellationRequested();
                var began = Stopwatch.GetTimestamp();
                training.Train();
                seconds[step] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            }

            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            using var weights = new MemoryStream();
            training.WriteWeights(weights);
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                seconds,
                allocated,
                weights_sha256 = Convert.ToHexStringLower(SHA256.HashData(weights.GetBuffer().AsSpan(0, (int)weights.Length))),
            }));
        }
    }
}
