using System.Buffers.Binary;
using System.Security.Cryptography;
using DivCo.Training.Checkpoints;
using DivCo.Training.Tasks;

namespace DivCo.Training.Tests;

/// <summary>A replica on its way from worker to worker: whole, or refused with the reason and no trace.</summary>
public sealed class ReplicaTests
{
    private static readonly TrainingConfig _config = TestTrials.Config(2) with { Steps = 2 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_beginning_is_the_same_everywhere_and_a_reset_goes_back_to_it()
    {
        using var folder = new TrainingFolder();
        using var one = folder.Replica(_config);
        using var other = folder.Replica(_config);
        using var otherSeed = folder.Replica(_config with { Seed = 77 });
        var beginning = one.Sha256();
        Assert.Equal(beginning, other.Sha256());
        Assert.NotEqual(beginning, otherSeed.Sha256());

        Advance(folder, one, updates: 3);
        Assert.Equal((3L, 1), (one.Updates, one.Step));
        Assert.NotEqual(beginning, one.Sha256());
        one.Reset();
        Assert.Equal((0L, 0, beginning), (one.Updates, one.Step, one.Sha256()));
    }

    [Fact]
    public void Every_value_and_the_count_of_updates_decide_the_hash()
    {
        using var folder = new TrainingFolder();
        using var replica = folder.Replica(_config);
        Advance(folder, replica, updates: 1);
        var before = replica.Sha256();
        foreach (var tensors in Groups(replica.State))
        {
            var values = tensors.ValuesOf(tensors.Layout.Tensors.Count - 1);
            var value = values[^1];
            values[^1] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) ^ 1);
            Assert.NotEqual(before, replica.Sha256());
            values[^1] = value;
        }

        Assert.Equal(before, replica.Sha256());
    }

    [Fact]
    public void The_hash_is_that_of_the_documented_bytes()
    {
        using var folder = new TrainingFolder();
        using var replica = folder.Replica(_config);
        Advance(folder, replica, updates: 2);
        var snapshot = TrainingStateTests.Snapshot(replica.State);
        using var file = new MemoryStream();
        var count = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(count, 2);
        file.Write(count);
        Safetensors.Write(file, [.. snapshot.Weights, .. snapshot.Moments]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file.ToArray())), replica.Sha256());
    }

    [Fact]
    public void A_checkpoint_and_the_run_that_wrote_it_have_one_hash()
    {
        using var folder = new TrainingFolder();
        using var trained = folder.Replica(_config);
        Ranks.Run(1, communicator => TrainingLoop.Run(folder.Rank(trained, communicator), Cancellation));
        using var loaded = folder.Replica(_config, folder.Written[^1].Path);
        Assert.Equal((trained.Updates, trained.Sha256()), (loaded.Updates, loaded.Sha256()));
        Assert.Equal(["loss_adv", "loss_contra", "loss_d", "loss_g"], loaded.State.Losses.Keys);
        Assert.Equal(trained.State.Losses, loaded.State.Losses);
    }

    [Fact]
    public void Within_a_step_a_state_is_sent_with_its_losses_and_replaces_any_other()
    {
        using var folder = new TrainingFolder();
        using var source = folder.Replica(_config);
        using var joiner = folder.Replica(_config);
        Advance(folder, source, updates: 3);
        Advance(folder, joiner, updates: 1);

        var sent = Sent(source);
        Assert.Equal(source.StateBytes, sent.Length);
        joiner.Receive(new MemoryStream(sent), sent.Length, 3, source.Sha256(), Cancellation);
        Assert.Equal((3L, source.Sha256()), (joiner.Updates, joiner.Sha256()));
        Assert.Equal(source.State.Losses, joiner.State.Losses);
        Assert.Equal(sent, Sent(joiner));
    }

    [Fact]
    public void Every_rank_keeps_the_newest_reports_and_hands_them_on_with_the_state()
    {
        using var folder = new TrainingFolder();
        using var first = folder.Replica(_config);
        using var second = folder.Replica(_config);
        using var joiner = folder.Replica(_config);
        Ranks.Run(2, communicator => TrainingLoop.Run(folder.Rank(communicator.Rank == 0 ? first : second, communicator), Cancellation));
        Assert.Equal(folder.Reports.Select(Losses), second.RecentReports.Select(Losses));

        var sent = Sent(second);
        joiner.Receive(new MemoryStream(sent), sent.Length, second.Updates, second.Sha256(), Cancellation);
        Assert.Equal(second.RecentReports.Select(Losses), joiner.RecentReports.Select(Losses));
        joiner.Reset();
        Assert.Empty(joiner.RecentReports);

        static string Losses(StepReport report) =>
            $"{report.Step}: {string.Join(", ", report.Metrics.Where(metric => metric.Key != "samples_per_s").Select(metric => $"{metric.Key} {metric.Value:R}"))}";
    }

    [Fact]
    public void Torn_cut_longer_and_bit_flipped_states_are_refused_and_leave_no_trace()
    {
        using var folder = new TrainingFolder();
        using var source = folder.Replica(_config);
        using var receiver = folder.Replica(_config);
        Advance(folder, receiver, updates: 1);
        var torn = Sent(source);
        Advance(folder, source, updates: 2);
        var (sent, sha256, before) = (Sent(source), source.Sha256(), Sent(receiver));

        // Torn: the second half is what the source wrote before it went on.
        torn.AsSpan(torn.Length / 2).CopyTo(sent.AsSpan(sent.Length / 2, torn.Length - (torn.Length / 2)));
        Refused(sent, sent.Length, 2, sha256, "SHA-256");
        sent = Sent(source);
        Refused(sent, sent.Length, 3, sha256, "is of update 2, not of update 3");
        Refused(sent, sent.Length, 2, before.Length.ToString(), "was announced");
        Refused(sent[..^1], sent.Length, 2, sha256, "ended before");
        Refused([.. sent, 0], sent.Length, 2, sha256, "more bytes than");
        Refused(sent, 17, 2, sha256, "17 bytes was announced");
        Refused(sent, long.MaxValue, 2, sha256, "bytes was announced");

        var random = new Random(5);
        var header = 16 + (int)BinaryPrimitives.ReadInt64LittleEndian(sent.AsSpan(8));
        int[] offsets = [.. Enumerable.Range(0, 16), header - 1, header, sent.Length - 33, sent.Length - 1];
        foreach (var at in offsets.Concat(Enumerable.Range(0, 200).Select(_ => random.Next(sent.Length))))
        {
            var flipped = sent.ToArray();
            flipped[at] ^= (byte)(1 << random.Next(8));
            Refused(flipped, flipped.Length, 2, sha256, "");
        }

        foreach (var length in Enumerable.Range(0, 50).Select(_ => random.Next(sent.Length)))
        {
            Refused(sent[..length], sent.Length, 2, sha256, "ended before");
        }

        receiver.Receive(new MemoryStream(sent), sent.Length, 2, sha256, Cancellation);
        Assert.Equal(sha256, receiver.Sha256());

        void Refused(byte[] bytes, long length, long updates, string hash, string reason)
        {
            var error = Assert.Throws<InvalidDataException>(() => receiver.Receive(new MemoryStream(bytes), length, updates, hash, Cancellation));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Equal(before, Sent(receiver));
        }
    }

    [Fact]
    public void A_state_of_other_networks_is_refused_by_what_differs()
    {
        using var folder = new TrainingFolder();
        using var receiver = folder.Replica(_config with { EncoderHead = EncoderHead.None });
        using var wider = folder.Replica(_config with { Model = _config.Model with { Width = 8 } });
        using var source = folder.Replica(_config);
        var sent = Sent(source);
        Assert.Contains("other networks", Refuse(wider), StringComparison.Ordinal);
        Assert.Contains("other networks", Refuse(receiver), StringComparison.Ordinal);

        // Of the same length, so that only the header can tell.
        var renamed = sent.ToArray();
        renamed.AsSpan(renamed.AsSpan().IndexOf("generator.layer1.weight"u8))[0] = (byte)'G';
        var error = Assert.Throws<InvalidDataException>(() => source.Receive(new MemoryStream(renamed), renamed.Length, 0, source.Sha256(), Cancellation));
        Assert.Matches("Generator.layer1.*where this trial's has.*generator.layer1", error.Message);

        string Refuse(TrainingReplica other) =>
            Assert.Throws<InvalidDataException>(() => other.Receive(new MemoryStream(sent), sent.Length, 0, source.Sha256(), Cancellation)).Message;
    }

    [Fact]
    public void An_abort_while_receiving_leaves_no_trace()
    {
        using var folder = new TrainingFolder();
        using var source = folder.Replica(_config);
        using var receiver = folder.Replica(_config);
        Advance(folder, source, updates: 1);
        var before = receiver.Sha256();
        using var abort = new CancellationTokenSource();
        using var stream = new AbortingStream(Sent(source), abort);
        Assert.Throws<OperationCanceledException>(() => receiver.Receive(stream, source.StateBytes, 1, source.Sha256(), abort.Token));
        Assert.Equal((0L, before), (receiver.Updates, receiver.Sha256()));
    }

    private static IEnumerable<FlatTensors> Groups(TrainingState state) =>
        state.Task.State.Concat(state.Moments.Select(moment => moment.Tensors));

    private static byte[] Sent(TrainingReplica replica)
    {
        using var stream = new MemoryStream();
        replica.Write(stream);
        return stream.ToArray();
    }

    /// <summary>Trains alone until so many updates are committed, then aborts.</summary>
    private static void Advance(TrainingFolder folder, TrainingReplica replica, long updates) => Ranks.Run(1, communicator =>
    {
        using var abort = new CancellationTokenSource();
        var run = folder.Rank(replica, communicator) with
        {
            StopRequested = () =>
            {
                if (replica.Updates == updates - 1)
                {
                    abort.Cancel();
                }

                return false;
            },
        };
        return Record.Exception(() => TrainingLoop.Run(run, abort.Token));
    });

    /// <summary>Asks for the abort at its last byte.</summary>
    private sealed class AbortingStream(byte[] bytes, CancellationTokenSource abort) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer)
        {
            var read = base.Read(buffer);
            if (Position == Length)
            {
                abort.Cancel();
            }

            return read;
        }
    }
}
