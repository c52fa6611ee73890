using DivCo.Cluster.Workers;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Cluster.Tests.Workers;

public sealed class TrialEvaluationTests
{
    [Fact]
    public void A_trial_that_judges_itself_does_so_as_its_spec_says()
    {
        var trial = Complete(new EvaluationSpec { Samples = 300 });
        var test = Modes.Create(32, 1, Split.Test);
        var evaluation = TrialConfigReader.ReadEvaluation(trial, () => test, "/data/feature-nets")!;
        Assert.Equal((200, 100, 300, "/data/feature-nets"), (evaluation.Every, evaluation.ImagesPerStep, evaluation.Settings.Samples, evaluation.CacheFolder));
        Assert.Same(test, evaluation.Test);
        Assert.Equal(EvaluationMetrics.All, evaluation.Settings.Metrics);
    }

    [Fact]
    public void One_that_does_not_needs_no_test_images() =>
        Assert.Null(TrialConfigReader.ReadEvaluation(Complete(null), () => throw new InvalidOperationException("opened"), "/data/feature-nets"));

    [Fact]
    public void The_figures_have_one_name_in_the_spec_and_in_the_checkpoint() =>
        Assert.Equal(EvaluationMetrics.All.Order(StringComparer.Ordinal), MetricNames.All.Where(MetricNames.IsEvaluated).Order(StringComparer.Ordinal));

    private static TrialSpec Complete(EvaluationSpec? evaluation) =>
        SweepDefaults.Apply(new SweepSpec { Name = "x", Trial = new TrialSpec { Evaluation = evaluation } }).Trial;
}
