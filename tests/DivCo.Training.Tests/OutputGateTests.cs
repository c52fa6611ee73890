using DivCo.Training.Tests.Checkpoints;

namespace DivCo.Training.Tests;

/// <summary>Trainings on a disk that is really full: they stand still, say why, and go on to the same bits.</summary>
public sealed class OutputGateTests
{
    private const int Megabytes = 16;

    private static readonly TrainingConfig _config = TestTrials.Config(dataShards: 2) with { Steps = 6, CheckpointEvery = 1 };
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_training_on_a_full_disk_stands_still_and_goes_on_when_there_is_room()
    {
        using var undisturbed = new TrainingFolder();
        undisturbed.Run(_config, 1);
        using var disk = SmallDisk.Mount(Megabytes);
        using var folder = new TrainingFolder(disk.Path);
        var filler = disk.Fill();
        var output = new OutputGate();
        var steps = new int[2];
        var training = Task.Factory.StartNew(
            () => Ranks.Run(2, communicator =>
            {
                using var replica = folder.Replica(_config);
                TrainingLoop.Run(folder.Rank(replica, communicator) with { Output = output }, Token);
                return steps[communicator.Rank] = replica.Step;
            }), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var obstacle = await Obstacle(output);
        Assert.Contains("cannot write", obstacle);
        Assert.Contains(disk.Path, obstacle);
        Assert.Contains("No space left on device", obstacle);
        Assert.Equal([0, 0], steps);
        Assert.Empty(folder.Written);

        // The picture of the first checkpoint may need what is left: nothing is written by halves.
        File.Delete(filler);
        await training.WaitAsync(_patience, Token);
        Assert.Equal([6, 6], steps);
        Assert.Null(output.Obstacle);
        Assert.Equal(undisturbed.StateHash, folder.StateHash);
        Assert.Equal(Enumerable.Range(1, 6), folder.Written.Select(written => written.Manifest.Step));
        Assert.Equal(6, Directory.GetFiles(folder.Samples, "step-*.png").Length);
        Assert.All(folder.Written, written => folder.Checkpoints.Verify(written.Path, TrainingFolder.TrialHash, written.ManifestSha256));
        Assert.Equal(folder.Written.Select(written => written.Name), folder.Checkpoints.Names());
    }

    [Fact]
    public async Task A_training_that_stands_still_can_be_cancelled_and_its_replica_stands_at_its_last_commit()
    {
        using var disk = SmallDisk.Mount(Megabytes);
        using var folder = new TrainingFolder(disk.Path);
        disk.Remount("ro");
        var output = new OutputGate();
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var replica = folder.Replica(_config);
        var training = Task.Factory.StartNew(
            () => Ranks.Run(1, communicator => Record.Exception(() => { TrainingLoop.Run(folder.Rank(replica, communicator) with { Output = output }, abort.Token); })),
            Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Contains("Read-only file system", await Obstacle(output));
        await abort.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(Assert.Single(await training.WaitAsync(_patience, Token)));
        Assert.Null(output.Obstacle);

        // It goes on from there, as any survivor does.
        disk.Remount("rw");
        using var undisturbed = new TrainingFolder();
        undisturbed.Run(_config, 1);
        Assert.InRange(replica.Step, 1, 3);
        Ranks.Run(1, communicator => TrainingLoop.Run(folder.Rank(replica, communicator), Token), epoch: 2);
        Assert.Equal(undisturbed.StateHash, folder.StateHash);
    }

    [Fact]
    public void The_gate_is_open_when_the_last_who_closed_it_has_opened_it()
    {
        var gate = new OutputGate();
        object one = new(), other = new();
        gate.Close(one, "cannot write one");
        gate.Close(other, "cannot write other");
        gate.Close(one, "cannot write one");
        gate.Open(other);
        gate.Open(other);
        Assert.Equal("cannot write one", gate.Obstacle);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => gate.Pass(cancelled.Token));
        gate.Open(one);
        gate.Pass(Token);
    }

    [Fact]
    public void Attempts_come_ever_more_rarely_but_not_too_rarely()
    {
        var pauses = Enumerable.Range(1, 100).Select(OutputGate.PauseAfter).ToList();
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal((TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)), (pauses[0], pauses[1], pauses[^1]));
    }

    [Fact]
    public void A_deadline_that_passes_while_the_gate_is_closed_is_not_held_against_the_writer()
    {
        var gate = new OutputGate();
        var calls = 0;
        gate.Patiently(() =>
        {
            if (++calls == 1)
            {
                // Closed and opened again while somebody waited.
                gate.Close(this, "cannot write");
                gate.Open(this);
                throw new TimeoutException();
            }
        });
        Assert.Equal(2, calls);
        Assert.Throws<TimeoutException>(() => gate.Patiently(() => throw new TimeoutException()));
    }

    private static async Task<string> Obstacle(OutputGate output)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(_patience);
        while (true)
        {
            if (output.Obstacle is { } obstacle)
            {
                return obstacle;
            }

            await Task.Delay(20, deadline.Token);
        }
    }
}
