using DivCo.Training.Data;
using DivCo.Training.Tests.Tasks.Paired;

namespace DivCo.Training.Tests;

public sealed class Scratch
{
    private static string Env(string name, string other) => Environment.GetEnvironmentVariable("S_" + name) ?? other;

    [Fact(Explicit = true)]
    public void Go()
    {
        var edges = DatasetCatalog.Open("edges-to-fashion", Split.Train, 32, 1, null);
        var steps = int.Parse(Env("STEPS", "300"));
        var config = PairedTrials.Config().With(Enum.Parse<PairedArchitecture>(Env("ARCH", "BicycleGan"))).With(Enum.Parse<PairedEncoder>(Env("ENC", "Generator"))) with
        {
            Objective = Enum.Parse<Objective>(Env("OBJ", "DivCo")),
            Dataset = new DatasetConfig { Name = edges.Name, Flip = true },
            Model = PairedTrials.Config().Model with { Width = int.Parse(Env("WIDTH", "16")), LatentDim = 8 },
            Optimizer = PairedTrials.Config().Optimizer with { LearningRate = double.Parse(Env("LR", "0.0005")) },
            BatchSize = int.Parse(Env("BATCH", "8")),
            Radius = double.Parse(Env("R", "0.01")),
            LambdaContra = double.Parse(Env("LC", "1")),
            Tau = double.Parse(Env("TAU", "1")),
            Paired = PairedTrials.Config().Paired! with { LambdaKl = double.Parse(Env("KL", "0.01")), LambdaL1 = double.Parse(Env("L1", "10")) },
            Steps = steps,
            CheckpointEvery = Math.Max(1, steps / 2),
            ReportEvery = Math.Max(1, steps / 10),
        };
        using var folder = new TrainingFolder { Data = edges };
        folder.Run(config, 1);
        var log = Env("OUT", "/tmp/paired");
        foreach (var file in Directory.GetFiles(folder.Samples))
        {
            File.Copy(file, log + "-" + Path.GetFileName(file), true);
        }

        File.WriteAllLines(log + ".txt", folder.Reports.Select(r => $"{r.Step} " + string.Join(" ", r.Metrics.Select(m => $"{m.Key}={m.Value:0.####}")))
            .Append(string.Join(" ", folder.Written[^1].Manifest.Metrics.Select(m => $"{m.Key}={m.Value:0.####}"))));
    }
}
