using DivCo.Training.Checkpoints;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;
using DivCo.Training.Tests.Checkpoints;

namespace DivCo.Training.Tests.Evaluation;

public sealed class ShardedEvaluationTests : IDisposable
{
    private static readonly Modes _test = Modes.Create(32, 1, Split.Test);
    private static readonly TrainingConfig _config = TestTrials.Config(dataShards: 2) with { Steps = 6 };

    private readonly TemporaryFolder _nets = new();
    private readonly TrialEvaluation _evaluation;

    public ShardedEvaluationTests() => _evaluation = new TrialEvaluation(
        Every: 4, ImagesPerStep: 100, new EvaluationSettings { Samples = 100, Bins = 10, ClassifierSamples = 640 }, _test, _nets);

    public void Dispose() => _nets.Dispose();

    [Fact]
    public void Any_number_of_workers_gives_the_figures_of_the_checkpoint_alone_and_the_weights_of_a_trial_without_them()
    {
        using var plain = new TrainingFolder();
        plain.Run(_config, 1);
        using var evaluator = new Evaluator(_evaluation.Settings, TestTrials.Modes, _test, _nets, TestContext.Current.CancellationToken);
        foreach (var workers in (int[])[1, 2, 3])
        {
            using var folder = new TrainingFolder();
            Run(folder, workers);
            Assert.Equal(plain.StateHash, folder.StateHash);
            Assert.Equal([2, 4, 6], folder.Written.Select(checkpoint => checkpoint.Manifest.Step));
            Assert.DoesNotContain(folder.Written[0].Manifest.Metrics.Keys, EvaluationMetrics.All.Contains);
            foreach (var checkpoint in folder.Written.Skip(1))
            {
                using var model = new TrainedModel(_config, _test, folder.Checkpoints.Load(checkpoint.Path, TrainingFolder.TrialHash), checkpoint.Path);
                var alone = evaluator.Evaluate(model, TestContext.Current.CancellationToken).Figures;
                Assert.Equal(alone, new SortedDictionary<string, double>(Figures(checkpoint), StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void A_quorum_that_breaks_on_the_way_leaves_the_checkpoint_without_figures()
    {
        using var folder = new TrainingFolder();
        using var replica = folder.Replica(_config);
        using var abort = new CancellationTokenSource();
        Ranks.Run(["test/cpu0"], 1, _ => abort.Token, communicator => Record.Exception(() => TrainingLoop.Run(
            folder.Rank(replica, communicator) with { Evaluation = _evaluation, StopRequested = StopInStepFive }, abort.Token)));
        Assert.Equal([2, 4], folder.Written.Select(checkpoint => checkpoint.Manifest.Step));
        Assert.Empty(Figures(folder.Written[1]));

        // The same replica, under the next epoch.
        Run(folder, replica, epoch: 2);
        Assert.Equal([2, 4, 6], folder.Written.Select(checkpoint => checkpoint.Manifest.Step));
        Assert.NotEmpty(Figures(folder.Written[2]));

        bool StopInStepFive()
        {
            if (replica.Step == 4)
            {
                abort.Cancel();
            }

            return false;
        }
    }

    [Fact]
    public void A_last_checkpoint_that_was_missing_has_the_same_figures()
    {
        using var folder = new TrainingFolder();
        using var replica = folder.Replica(_config);
        Run(folder, replica, epoch: 1);
        Run(folder, replica, epoch: 2);
        Assert.Equal([2, 4, 6, 6], folder.Written.Select(checkpoint => checkpoint.Manifest.Step));
        Assert.Equal(Figures(folder.Written[2]), Figures(folder.Written[3]));
        Assert.NotEmpty(Figures(folder.Written[3]));
    }

    [Fact]
    public void Figures_are_no_losses_of_the_state_and_do_not_outlive_a_resume()
    {
        using var folder = new TrainingFolder();
        Run(folder, 1);
        using var replica = folder.Replica(_config with { Steps = 8 }, folder.Written[1].Path);
        Assert.DoesNotContain(replica.State.Losses.Keys, EvaluationMetrics.All.Contains);
        Assert.Contains("loss_g", replica.State.Losses.Keys);
    }

    private static Dictionary<string, double> Figures(WrittenCheckpoint checkpoint) =>
        checkpoint.Manifest.Metrics.Where(metric => EvaluationMetrics.All.Contains(metric.Key)).ToDictionary();

    private void Run(TrainingFolder folder, int workers) => Ranks.Run(workers, communicator =>
    {
        using var replica = folder.Replica(_config);
        return TrainingLoop.Run(folder.Rank(replica, communicator) with { Evaluation = _evaluation }, TestContext.Current.CancellationToken);
    });

    private void Run(TrainingFolder folder, TrainingReplica replica, uint epoch) => Ranks.Run(
        ["test/cpu0"],
        epoch,
        _ => TestContext.Current.CancellationToken,
        communicator => TrainingLoop.Run(folder.Rank(replica, communicator) with { Evaluation = _evaluation }, TestContext.Current.CancellationToken));
}
