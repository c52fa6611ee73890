using System.Diagnostics;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;
using DivCo.Training.Evaluation.FeatureNets;
using DivCo.Training.Tests.Data;

namespace DivCo.Training.Tests.Evaluation.FeatureNets;

public sealed class ClassifierTests(ITestOutputHelper output)
{
    [Fact]
    public void Fashion()
    {
        TorchSharp.torch.set_num_threads(1);
        var folder = "/tmp/eval-cache";
        var abort = TestContext.Current.CancellationToken;
        var watch = Stopwatch.StartNew();
        var train = DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, DataRoot.OfFashionMnist());
        var test = DatasetCatalog.Open("fashion-mnist", Split.Test, 32, 1, DataRoot.OfFashionMnist());
        using (var one = new ClassifierCache(folder).Open(ClassifierData.Of(train), ClassifierData.Of(test), 0, abort))
        {
            output.WriteLine($"{one.Name} {watch.Elapsed} cpu {Environment.CpuUsage.TotalTime}");
        }

        var config = TestTrials.Config() with { Model = TestTrials.Config().Model with { Width = 16 } };
        using var start = new TrainingReplica(config, train);
        using var model = new TrainedModel(config, test, new StateCopy(start.State).ToSnapshot(), "x");
        foreach (var metrics in EvaluationMetrics.All.Select(metric => new[] { metric }).Append([.. EvaluationMetrics.All]))
        {
            watch.Restart();
            var cpu = Environment.CpuUsage.TotalTime;
            using var evaluator = new Evaluator(new EvaluationSettings { Samples = 2000, Metrics = metrics }, train, test, folder, abort);
            output.WriteLine($"open {watch.Elapsed} cpu {Environment.CpuUsage.TotalTime - cpu}");
            cpu = Environment.CpuUsage.TotalTime;
            watch.Restart();
            var result = evaluator.Evaluate(model, abort);
            output.WriteLine($"{watch.Elapsed} cpu {Environment.CpuUsage.TotalTime - cpu} {string.Join(", ", result.Figures)}");
        }

        Assert.Fail("x");
    }
}
