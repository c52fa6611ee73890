using DivCo.Training.Checkpoints;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;

namespace DivCo.Training.Tests;

public sealed class TrainingStateTests
{
    [Fact]
    public void Running_statistics_move_once_by_the_mean_over_calls_and_shards()
    {
        var config = TestTrials.Config(4);
        var (expected, actual) = Ranks.Run(1, communicator =>
        {
            using var state = New(config);
            using var scope = TorchSharp.torch.NewDisposeScope();
            state.Task.Begin(0);
            var update = state.Task.Updates[0];
            var calls = Enumerable.Range(0, 4).SelectMany(shard => update.Forward(shard).NormStatistics).Select(s => s.Values.ToArray()).ToArray();
            Assert.Equal(8, calls.Length);
            var before = update.RunningStatistics[0].Tensors.Values.ToArray();
            state.Commit(new ShardRunner(state.Task, update, communicator, ActivationMemory.AllShards).Run(0, stop: false));
            return (before.Select((value, i) => (0.9 * value) + (0.1 * calls.Average(call => (double)call[i]))).ToArray(),
                update.RunningStatistics[0].Tensors.Values.ToArray());
        })[0];
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Only_what_an_update_trains_changes_and_a_snapshot_is_refused_within_a_step()
    {
        var config = TestTrials.Config();
        _ = Ranks.Run(1, communicator =>
        {
            using var state = New(config);
            state.Task.Begin(0);
            var before = state.Task.State.Select(tensors => tensors.Values.ToArray()).ToArray();
            state.Commit(new ShardRunner(state.Task, state.Task.Updates[0], communicator, ActivationMemory.AllShards).Run(0, stop: false));
            var update = state.Task.Updates[0];
            for (var i = 0; i < before.Length; i++)
            {
                var trained = update.Trained.Contains(state.Task.State[i]) || state.Task.State[i] == update.RunningStatistics[0].Tensors;
                Assert.Equal(!trained, before[i].AsSpan().SequenceEqual(state.Task.State[i].Values));
            }

            Assert.Equal((1L, 0, 1), (state.Updates, state.Step, state.Next));
            Assert.Throws<InvalidOperationException>(() => new StateCopy(state).Take(state));
            return 0;
        });
    }

    [Fact]
    public void A_snapshot_of_other_networks_is_refused_by_the_name_of_the_tensor()
    {
        using var state = New(TestTrials.Config());
        using var wider = New(TestTrials.Config() with { Model = TestTrials.Config().Model with { Width = 8 } });
        Assert.Contains("discriminator.encoder_head.weight", Assert.Throws<InvalidDataException>(() => wider.Restore(Snapshot(state), state.Losses)).Message, StringComparison.Ordinal);

        var snapshot = Snapshot(state);
        var incomplete = snapshot with { Moments = (IReadOnlyList<TensorRecord>)[.. snapshot.Moments.Skip(1)] };
        Assert.Contains("no such tensor", Assert.Throws<InvalidDataException>(() => state.Restore(incomplete, state.Losses)).Message, StringComparison.Ordinal);
    }

    internal static TrainingSnapshot Snapshot(TrainingState state)
    {
        var copy = new StateCopy(state);
        copy.Take(state);
        return copy.ToSnapshot();
    }

    private static TrainingState New(TrainingConfig config) => new(TaskCatalog.Create(config, TestTrials.Modes), config.Optimizer);
}
