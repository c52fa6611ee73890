using System.Diagnostics;
using DivCo.Training.Tasks;

namespace DivCo.Training.Tests;

/// <summary>What checkpoints cost the steps.</summary>
public sealed class CheckpointStallTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Steps_go_on_while_a_checkpoint_is_written()
    {
        using var folder = new TrainingFolder();
        using var later = new ManualResetEventSlim();
        var config = TestTrials.Config() with { Steps = 4, CheckpointEvery = 1 };
        using var replica = folder.Replica(config);
        var waited = Ranks.Run(1, communicator => TrainingLoop.Run(
            folder.Rank(replica, communicator) with
            {
                Report = report => Set(report.Step == 3),
                CheckpointWritten = checkpoint => folder.Written.Add(later.Wait(_patience) ? checkpoint : throw new TimeoutException("steps stand still")),
            },
            default).CheckpointWait)[0];
        Assert.Equal([1, 2, 3, 4], folder.Written.Select(checkpoint => checkpoint.Manifest.Step));
        Assert.InRange(waited, TimeSpan.FromTicks(1), _patience);

        void Set(bool now)
        {
            if (now)
            {
                later.Set();
            }
        }
    }

    [Fact]
    public void A_checkpoint_and_its_picture_are_of_their_step_although_training_went_on()
    {
        const int Steps = 6;
        var config = TestTrials.Config(2) with { Steps = Steps, CheckpointEvery = 1 };
        using var folder = new TrainingFolder();
        folder.Run(config, 1);
        foreach (var step in Enumerable.Range(1, Steps))
        {
            using var ended = new TrainingFolder();
            ended.Run(config with { Steps = step, CheckpointEvery = Steps }, 2);
            var (expected, actual) = (ended.Written[^1].Manifest, folder.Written[step - 1].Manifest);
            Assert.Equal((expected.StateSha256, expected.Metrics["diversity"]), (actual.StateSha256, actual.Metrics["diversity"]));
            var picture = $"step-{step:D6}.png";
            Assert.Equal(File.ReadAllBytes(Path.Combine(ended.Samples, picture)), File.ReadAllBytes(Path.Combine(folder.Samples, picture)));
        }
    }

    /// <summary>Another thread and other memory, but the calls of the training's own.</summary>
    [Theory]
    [InlineData(Norm.Batch)]
    [InlineData(Norm.None)]
    public void Samples_of_a_copy_have_the_bits_of_those_of_the_state(Norm norm)
    {
        var config = TestTrials.Config(norm: norm);
        using var state = new TrainingState(TaskCatalog.Create(config, TestTrials.Modes), config.Optimizer);
        var copy = new StateCopy(state);
        copy.Take(state);
        var tensors = copy.NewTensors();
        var expected = FixedSamples.Generate(state.Task, state.Task.State, config.Seed);
        state.Task.State.ToList().ForEach(one => one.Values.Clear());

        float[] actual = [];
        var thread = new Thread(() => actual = FixedSamples.Generate(state.Task, tensors, config.Seed));
        thread.Start();
        Assert.True(thread.Join(_patience));
        Array.ForEach(tensors, one => one.Dispose());
        Assert.Equal(expected, actual);
        Assert.NotEqual(expected, FixedSamples.Generate(state.Task, state.Task.State, config.Seed));
    }

    /// <summary>Figures for a person, of a size that one CPU thread trains in seconds; run alone.</summary>
    [Fact(Explicit = true)]
    public void Measures_how_long_steps_stand_still_for_a_checkpoint_every_ten()
    {
        var tests = TestTrials.Config();
        var config = tests with
        {
            BatchSize = 32,
            Negatives = 4,
            Steps = 60,
            CheckpointEvery = 10,
            Model = tests.Model with { Width = 16, LatentDim = 100, FeatureDim = 128 },
        };
        using var folder = new TrainingFolder();
        folder.Run(config with { Steps = 1 }, 1);
        foreach (var repetition in Enumerable.Range(1, 3))
        {
            using var measured = new TrainingFolder();
            using var replica = measured.Replica(config);
            var start = Stopwatch.GetTimestamp();
            var outcome = Ranks.Run(1, communicator => TrainingLoop.Run(measured.Rank(replica, communicator), default))[0];
            var total = Stopwatch.GetElapsedTime(start);
            output.WriteLine(
                $"{repetition}: waited {outcome.CheckpointWait.TotalMilliseconds:0} ms of {total.TotalMilliseconds:0} ms, {outcome.CheckpointWait / total:P2}");
        }
    }
}
