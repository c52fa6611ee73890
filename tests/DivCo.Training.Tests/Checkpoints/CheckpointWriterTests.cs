using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

public sealed class CheckpointWriterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointFolder _checkpoints;

    public CheckpointWriterTests() => _checkpoints = new CheckpointFolder(_folder.File("checkpoints"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Checkpoints_are_durable_and_reported_in_order_when_flush_returns()
    {
        var written = new List<string>();
        using var writer = new CheckpointWriter(_checkpoints, one => written.Add(one.Name));
        for (int step = 100; step <= 500; step += 100)
        {
            writer.Enqueue(Samples.Snapshot(step), Samples.Facts(), Patience, Token);
        }

        writer.Flush(Patience, Token);
        Assert.Equal(["step-000100-e8", "step-000200-e8", "step-000300-e8", "step-000400-e8", "step-000500-e8"], written);
        Assert.Equal(written, _checkpoints.Names());
        Assert.All(written, name => _checkpoints.Verify(name, Samples.TrialHash));
    }

    [Fact]
    public void A_failure_surfaces_once_at_the_next_call_and_later_checkpoints_are_still_written()
    {
        File.WriteAllText(_checkpoints.Root, "in the way");
        using var writer = new CheckpointWriter(_checkpoints, _ => { });
        writer.Enqueue(Samples.Snapshot(100), Samples.Facts(), Patience, Token);
        Assert.Equal(CheckpointFault.Storage, Assert.Throws<CheckpointException>(() => writer.Flush(Patience, Token)).Fault);

        File.Delete(_checkpoints.Root);
        writer.Flush(Patience, Token);
        writer.Enqueue(Samples.Snapshot(200), Samples.Facts(), Patience, Token);
        writer.Flush(Patience, Token);
        Assert.Equal(["step-000200-e8"], _checkpoints.Names());
    }

    [Fact]
    public void A_failure_stops_the_next_enqueue()
    {
        using var failed = new ManualResetEventSlim();
        using var writer = new CheckpointWriter(_checkpoints, _ =>
        {
            failed.Set();
            throw new InvalidOperationException("the listener is broken");
        });
        writer.Enqueue(Samples.Snapshot(100), Samples.Facts(), Patience, Token);
        Assert.True(failed.Wait(Patience, Token));
        var surfaced = Assert.Throws<InvalidOperationException>(() =>
        {
            // The exception is recorded after the listener has thrown, so the first of these calls may still be too early.
            for (int step = 200; step <= 400; step += 100)
            {
                writer.Enqueue(Samples.Snapshot(step), Samples.Facts(), Patience, Token);
            }
        });
        Assert.Equal("the listener is broken", surfaced.Message);
    }

    [Fact]
    public void A_full_queue_and_a_slow_flush_end_at_their_deadline_or_cancellation()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        using var writer = new CheckpointWriter(_checkpoints, _ =>
        {
            entered.Set();
            release.Wait(Patience);
        });
        writer.Enqueue(Samples.Snapshot(100), Samples.Facts(), Patience, Token);
        Assert.True(entered.Wait(Patience, Token));
        writer.Enqueue(Samples.Snapshot(200), Samples.Facts(), TimeSpan.Zero, Token);

        var full = Assert.Throws<TimeoutException>(() => writer.Enqueue(Samples.Snapshot(300), Samples.Facts(), TimeSpan.FromMilliseconds(20), Token));
        Assert.Contains("step 300", full.Message, StringComparison.Ordinal);
        Assert.Contains(_checkpoints.Root, full.Message, StringComparison.Ordinal);
        Assert.Throws<TimeoutException>(() => writer.Flush(TimeSpan.FromMilliseconds(20), Token));
        Assert.True(writer.Waited > TimeSpan.Zero);
        using (var abort = new CancellationTokenSource())
        {
            abort.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => writer.Enqueue(Samples.Snapshot(300), Samples.Facts(), Patience, abort.Token));
            Assert.ThrowsAny<OperationCanceledException>(() => writer.Flush(Patience, abort.Token));
        }

        release.Set();
        writer.Flush(Patience, Token);
        Assert.Equal(["step-000100-e8", "step-000200-e8"], _checkpoints.Names());
    }

    [Fact]
    public void Disposal_writes_what_was_queued_and_start_removes_what_was_left()
    {
        string left = Directory.CreateDirectory(Path.Combine(_checkpoints.Root, ".writing-step-000100-e8-x")).FullName;
        using (var writer = new CheckpointWriter(_checkpoints, _ => { }))
        {
            writer.Enqueue(Samples.Snapshot(100), Samples.Facts(), Patience, Token);
            writer.Enqueue(Samples.Snapshot(200), Samples.Facts(), Patience, Token);
        }

        Assert.Equal(["step-000100-e8", "step-000200-e8"], _checkpoints.Names());
        Assert.False(Directory.Exists(left));
    }

    public void Dispose() => _folder.Dispose();
}
