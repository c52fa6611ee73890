using DivCo.Training.Checkpoints;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;
using DivCo.Training.Tests.Checkpoints;

namespace DivCo.Training.Tests.Evaluation;

public sealed class EvaluatorTests : IDisposable
{
    private static readonly EvaluationSettings _settings = new() { Samples = 400, Bins = 32, Seed = 3, ClassifierSamples = 1280 };

    private readonly TemporaryFolder _folder = new();
    private readonly Modes _training = Modes.Create(32, 1, Split.Train);
    private readonly Modes _test = Modes.Create(32, 1, Split.Test);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_figures_are_there_name_their_net_and_repeat_to_the_bit()
    {
        using var evaluator = Evaluator(_settings);
        using var model = Model(TestTrials.Config());
        var result = evaluator.Evaluate(model, TestContext.Current.CancellationToken);
        Assert.Equal(400, result.Images);
        Assert.Equal(EvaluationMetrics.All.Order(StringComparer.Ordinal), result.Figures.Keys);
        Assert.All(result.Figures, figure => Assert.True(double.IsFinite(figure.Value), figure.Key));
        Assert.All(result.Sets, set => Assert.NotEqual("", set.Net));
        Assert.Contains("classifier of modes", result.Sets.Single(set => set.Figures.ContainsKey(EvaluationMetrics.Frechet)).Net, StringComparison.Ordinal);

        using var another = Evaluator(_settings);
        Assert.Equal(result.Figures, another.Evaluate(model, TestContext.Current.CancellationToken).Figures);
    }

    [Fact]
    public void The_result_as_json_says_null_where_there_is_no_number()
    {
        var result = new EvaluationResult(7, 100, [new FigureSet("net", "images", new Dictionary<string, double> { ["jsd"] = 0.5, ["kernel_distance_error"] = double.NaN })]);
        Assert.Equal(
            """{"step":7,"images":100,"figures":{"jsd":0.5,"kernel_distance_error":null},"sets":[{"net":"net","against":"images","figures":{"jsd":0.5,"kernel_distance_error":null}}]}""",
            string.Concat(result.ToJson().Where(c => !char.IsWhiteSpace(c))));
    }

    [Fact]
    public void Untrained_networks_hit_no_mode_and_are_far_from_the_real_images()
    {
        using var evaluator = Evaluator(_settings with { Metrics = [EvaluationMetrics.Modes, EvaluationMetrics.ModeHits, EvaluationMetrics.Coverage, EvaluationMetrics.DifferentBins] });
        using var model = Model(TestTrials.Config());
        var figures = evaluator.Evaluate(model, TestContext.Current.CancellationToken).Figures;
        Assert.Equal([EvaluationMetrics.Coverage, EvaluationMetrics.Modes, EvaluationMetrics.ModeHits, EvaluationMetrics.DifferentBins], figures.Keys);
        Assert.Equal(0, figures[EvaluationMetrics.Modes]);
        Assert.InRange(figures[EvaluationMetrics.Coverage], 0, 0.2);
        Assert.InRange(figures[EvaluationMetrics.DifferentBins], 20, 32);
    }

    [Fact]
    public void What_cannot_be_evaluated_is_refused_in_words()
    {
        Assert.Contains("samples is 99", Refusal(_settings with { Samples = 99 }), StringComparison.Ordinal);
        Assert.Contains("bins is 401", Refusal(_settings with { Bins = 401 }), StringComparison.Ordinal);
        Assert.Contains("\"fid\"; allowed: frechet_distance", Refusal(_settings with { Metrics = ["fid"] }), StringComparison.Ordinal);
        Assert.Contains("weights of InceptionV3 cannot be read", Refusal(_settings with { InceptionWeights = "/nowhere" }), StringComparison.Ordinal);

        using var evaluator = Evaluator(_settings with { Metrics = [EvaluationMetrics.DifferentBins] });
        using var model = Model(TestTrials.Config(), _training);
        var foreign = Assert.Throws<EvaluationException>(() => evaluator.Evaluate(model, TestContext.Current.CancellationToken));
        Assert.Contains("other images", foreign.Message, StringComparison.Ordinal);

        string Refusal(EvaluationSettings settings) => Assert.Throws<EvaluationException>(() => Evaluator(settings)).Message;
    }

    [Fact]
    public void Weights_of_other_networks_are_refused_with_the_tensor()
    {
        var config = TestTrials.Config();
        using var other = new TrainingReplica(config with { Model = config.Model with { Width = 8 } }, _training);
        var refused = Assert.Throws<CheckpointException>(() => new TrainedModel(config, _test, Snapshot(other), "/results/step-000001-e1"));
        Assert.Equal(CheckpointFault.Foreign, refused.Fault);
        Assert.Contains(": discriminator.", refused.Message, StringComparison.Ordinal);
    }

    private static TrainingSnapshot Snapshot(TrainingReplica replica)
    {
        var copy = new StateCopy(replica.State);
        copy.Take(replica.State);
        return copy.ToSnapshot();
    }

    private Evaluator Evaluator(EvaluationSettings settings) => new(settings, _training, _test, _folder, TestContext.Current.CancellationToken);

    private TrainedModel Model(TrainingConfig config, Dataset? dataset = null)
    {
        using var replica = new TrainingReplica(config, _training);
        return new TrainedModel(config, dataset ?? _test, Snapshot(replica), "/results/step-000000-e1");
    }
}
