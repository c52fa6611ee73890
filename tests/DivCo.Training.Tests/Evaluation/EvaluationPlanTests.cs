using DivCo.Training.Data;
using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class EvaluationPlanTests
{
    [Fact]
    public void Conditions_come_as_often_as_in_the_real_images_in_calls_of_at_most_fifty()
    {
        var test = Modes.Create(32, 1, Split.Test);
        var plan = EvaluationPlan.Of(test, test.Classes, 1000, seed: 1);
        Assert.Equal(1000, plan.Chunks.Sum(chunk => chunk.Rows));
        Assert.All(plan.Chunks, chunk => Assert.InRange(chunk.Rows, 1, EvaluationPlan.Rows));
        Assert.Equal([250, 250, 250, 250], plan.Chunks.GroupBy(chunk => chunk.Condition).Select(group => group.Sum(chunk => chunk.Rows)));
        Assert.Equal([0, 50, 100, 150, 200], plan.Chunks.Where(chunk => chunk.Condition == 2).Select(chunk => chunk.First));
        Assert.Equal([0, 1, 2, 3], plan.PairConditions);
    }

    [Fact]
    public void What_is_chosen_is_drawn_so_that_an_order_by_classes_does_no_harm()
    {
        int[] half = RealImages.Choose(2048, 1024, seed: 1);
        Assert.Equal(half.Order(), half);
        Assert.Equal(1024, half.Distinct().Count());
        Assert.All(half.GroupBy(index => index % 4), group => Assert.InRange(group.Count(), 200, 312));
        Assert.Equal(half, RealImages.Choose(2048, 1024, seed: 1));
        Assert.Equal([0, 1, 2], RealImages.Choose(3, 5, seed: 1));
    }

    [Theory]
    [InlineData(400, 100, 1)]
    [InlineData(100, 100, 1)]
    [InlineData(30, 100, 4)]
    public void Of_many_conditions_evenly_spread_ones_and_of_few_several_images_each(int conditions, int samples, int most)
    {
        var plan = EvaluationPlan.Of(DatasetOfPairs(), conditions, samples, seed: 1);
        Assert.Equal(samples, plan.Chunks.Sum(chunk => chunk.Rows));
        Assert.Equal(Math.Min(conditions, samples), plan.Chunks.Select(chunk => chunk.Condition).Distinct().Count());
        Assert.InRange(plan.Chunks.Max(chunk => chunk.Rows), 1, most);
        Assert.Single(plan.PairConditions);
    }

    // Any set that is not labelled.
    private static NoImages DatasetOfPairs() => new();

    private sealed class NoImages : ImagePairs
    {
        public override string Name => "none";

        public override int Channels => 1;

        public override int ImageSize => 32;

        public override string Sha256 => "";

        public override int Count => 0;

        public override int InputChannels => 1;

        private protected override void Copy(int index, Augmentation augmentation, Span<float> input, Span<float> target) =>
            throw new InvalidOperationException("no images");
    }
}
