using DivCo.Training.Sharding;

namespace DivCo.Training.Tests;

/// <summary>Updates that train several networks, and networks that several updates train.</summary>
public sealed class OverlappingUpdatesTests
{
    private static readonly OptimizerConfig Config = new() { LearningRate = 1e-2, Beta1 = 0.5, Beta2 = 0.999, WeightDecay = 0, Schedule = LearningRateSchedule.Linear(1, 3) };

    [Fact]
    public void Moments_belong_to_the_tensors_and_every_update_counts() => _ = Ranks.Run(1, communicator =>
    {
        var task = new OverlappingUpdates();
        using var state = new TrainingState(task, Config);
        var runners = task.Updates.Select(update => new ShardRunner(task, update, communicator, ActivationMemory.AllShards)).ToArray();
        var (a, b) = (new PlainAdam(), new PlainAdam());
        for (var step = 0; step < 3; step++)
        {
            var rate = step == 2 ? 1 - (1.0 / 3) : 1;
            a.Step(2, rate);
            a.Step(2, rate);
            b.Step(-3, rate);
            b.Step(-OverlappingUpdates.Limit, OverlappingUpdates.Scale * rate);
            for (var update = 0; update < task.Updates.Count; update++)
            {
                state.Commit(runners[state.Next].Run(state.Updates, stop: false));
            }
        }

        Assert.Equal((9L, 3, 0), (state.Updates, state.Step, state.Next));
        Assert.Equal(a.Value, task.A.ValuesOf(0)[0], 1e-6);
        Assert.Equal(b.Value, task.B.ValuesOf(0)[0], 1e-6);
        Assert.Equal(["a.exp_avg", "a.exp_avg_sq", "b.exp_avg", "b.exp_avg_sq"], TrainingStateTests.Snapshot(state).Moments.Select(moment => moment.Name));
        return 0;
    });

    [Fact]
    public void A_picture_shows_ten_of_many_conditions()
    {
        using var task = new OverlappingUpdates();
        Assert.Equal([0, 2, 4, 6, 9, 11, 13, 16, 18, 20], task.PictureConditions);
    }

    private sealed class PlainAdam
    {
        private double _first, _second;
        private int _count;

        public double Value { get; private set; }

        public void Step(double gradient, double scale)
        {
            _count++;
            _first = (Config.Beta1 * _first) + ((1 - Config.Beta1) * gradient);
            _second = (Config.Beta2 * _second) + ((1 - Config.Beta2) * gradient * gradient);
            var deviation = Math.Sqrt(_second / (1 - Math.Pow(Config.Beta2, _count))) + 1e-8;
            Value -= scale * Config.LearningRate * _first / (1 - Math.Pow(Config.Beta1, _count)) / deviation;
        }
    }
}
