using DivCo.Collectives;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;

namespace DivCo.Training.Tests.Sharding;

/// <summary>Trainings of one process in which a bit goes wrong.</summary>
public sealed class AuditTests
{
    private const double HalfOfAll = 0.5;

    public static MatrixTheoryData<int, int> WorkersAndNegatives => new([1, 2, 3, 5], [1, 2]);

    [Theory]
    [MemberData(nameof(WorkersAndNegatives))]
    public void It_changes_no_bit_of_the_state(int workers, int negatives)
    {
        var config = Config(negatives, steps: 3) with { CheckpointEvery = 100 };
        Assert.Single(((double[])[0, HalfOfAll, 1]).Select(rate =>
        {
            using var folder = new TrainingFolder { Audit = rate };
            folder.Run(config, workers);
            return folder.StateHash;
        }).Distinct());
    }

    [Fact]
    public void A_trial_goes_on_from_where_its_audit_failed_and_ends_as_if_undisturbed()
    {
        var config = Config(negatives: 2, steps: 3) with { CheckpointEvery = 100 };
        using var undisturbed = new TrainingFolder();
        undisturbed.Run(config, 1);

        using var folder = new TrainingFolder { Audit = 1 };
        var hub = new ExchangeHub { Fault = BitFlip.Parse("device=test/cpu2,update=3,shard=7") };
        var replicas = Enumerable.Range(0, 3).Select(_ => folder.Replica(config)).ToArray();
        var audits = Ranks.Run(3, communicator => Record.Exception(() => { TrainingLoop.Run(folder.Rank(replicas[communicator.Rank], communicator), TestContext.Current.CancellationToken); }), hub);
        Assert.All(audits, audit => Assert.Equal("test/cpu2", Assert.IsType<AuditException>(audit).Member));
        Assert.All(replicas, replica => Assert.Equal((3, replicas[0].Sha256()), (replica.Updates, replica.Sha256())));
        Assert.Empty(folder.Written);

        // The outvoted device was the last one; the others go on without it.
        Ranks.Run(2, communicator => TrainingLoop.Run(folder.Rank(replicas[communicator.Rank], communicator), TestContext.Current.CancellationToken), hub, epoch: 2);
        Assert.Equal(undisturbed.StateHash, folder.StateHash);
        Array.ForEach(replicas, replica => replica.Dispose());
    }

    [Fact]
    public void It_raises_no_false_alarm()
    {
        Assert.All(AuditedRank.Run(Config(negatives: 2, steps: 50), workers: 3, rate: 1, fault: null), rank => Assert.Null(rank.Audit));
    }

    [Theory]
    [InlineData(3, 1, 2)]
    [InlineData(4, 2, 2)]
    [InlineData(5, 1, 4)]
    public void Ranks_without_shards_audit_too(int workers, int data, int negatives)
    {
        var config = TestTrials.Config(data, negatives) with { Steps = 3, Negatives = 4 };
        var alone = AuditedRank.Run(config, workers: 1, rate: 0, fault: null)[0].After;
        Assert.All(AuditedRank.Run(config, workers, rate: 1, fault: null), rank => Assert.Equal(new AuditedRank(null, alone, alone), rank));
    }

    [Theory]
    [MemberData(nameof(WorkersAndNegatives))]
    public void A_bit_in_any_shard_is_found_its_device_named_and_the_update_redone(int workers, int negatives)
    {
        var config = Config(negatives, steps: 1);
        var beginning = AuditedRank.Run(config with { Steps = 0 }, 1, 0, null)[0].After;
        var end = AuditedRank.Run(config, 1, 0, null)[0].After;
        for (var shard = 0; shard < 8; shard++)
        {
            // The update of the generator, and of the discriminator where the shard has a part in it.
            foreach (var update in shard % negatives == 0 ? (int[])[0, 1] : [1])
            {
                var owner = $"test/cpu{ShardRanges.OwnerOf(8, workers, shard)}";
                var ranks = AuditedRank.Run(config, workers, rate: 1, $"device={owner},update={update},shard={shard}");
                Assert.All(ranks, rank => AssertFound(rank, update, shard, owner));
                Assert.Single(ranks.Select(rank => rank.Audit!.Message).Distinct());
                Assert.Single(ranks.Select(rank => rank.Before).Distinct());
                Assert.Equal(update == 0, ranks[0].Before == beginning);
                Assert.All(ranks, rank => Assert.Equal(end, rank.After));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void So_is_one_where_shards_are_computed_twice_for_their_memory(int workers)
    {
        var config = Config(negatives: 2, steps: 1);
        var end = AuditedRank.Run(config, 1, 0, null)[0].After;
        Assert.All(AuditedRank.Run(config, workers, rate: 1, "device=test/cpu0,update=1,shard=1", ActivationMemory.OneShard), rank =>
        {
            AssertFound(rank, 1, 1, "test/cpu0");
            Assert.Equal(end, rank.After);
        });
    }

    [Theory]
    [MemberData(nameof(WorkersAndNegatives))]
    public void Of_the_shards_that_are_drawn_and_only_of_those(int workers, int negatives)
    {
        var config = Config(negatives, steps: 1);
        var draw = new AuditDraw(config.Seed, HalfOfAll);
        var drawn = Enumerable.Range(0, 8).First(shard => draw.Draws(1, shard));
        var skipped = Enumerable.Range(0, 8).First(shard => !draw.Draws(1, shard));
        string Fault(int shard) => $"device=test/cpu{ShardRanges.OwnerOf(8, workers, shard)},update=1,shard={shard}";

        Assert.All(AuditedRank.Run(config, workers, HalfOfAll, Fault(drawn)), rank => Assert.Equal(drawn, rank.Audit?.Shard));
        Assert.All(AuditedRank.Run(config, workers, HalfOfAll, Fault(skipped)), rank => Assert.Null(rank.Audit));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_wrong_auditor_is_outvoted_as_well(int workers)
    {
        var config = Config(negatives: 2, steps: 1);
        for (var shard = 0; shard < 8; shard++)
        {
            var panel = AuditPanel.Of(ShardRanges.OwnerOf(8, workers, shard), workers, new AuditDraw(config.Seed, 1).Turn(1, shard));
            var auditor = $"test/cpu{panel.Auditor}";
            Assert.All(
                AuditedRank.Run(config, workers, rate: 1, $"device={auditor},update=1,shard={shard}"),
                rank => AssertFound(rank, 1, shard, auditor));
        }
    }

    [Fact]
    public void Two_workers_that_both_stand_by_their_result_are_told_that_a_third_would_decide()
    {
        var ranks = AuditedRank.Run(Config(negatives: 1, steps: 1), workers: 2, rate: 1, "device=test/cpu1,update=1,shard=6,times=2");
        Assert.All(ranks, rank =>
        {
            Assert.Null(rank.Audit!.Member);
            Assert.Contains("test/cpu1 and test/cpu0 each repeat their own result; a third worker would decide", rank.Audit.Message);
            Assert.Equal(["test/cpu1", "test/cpu0", "test/cpu1", "test/cpu0"], rank.Audit.Votes.Select(vote => vote.Member));
        });
    }

    [Theory]
    [MemberData(nameof(WorkersAndNegatives))]
    public void A_wrong_sum_names_the_device_that_finished_it(int workers, int negatives)
    {
        var config = Config(negatives, steps: 1);
        using var task = TaskCatalog.Create(config, TestTrials.Modes);
        var length = new GradientLayout(task.Updates[1]).Length;
        var element = new AuditDraw(config.Seed, 1).Element(1, length);
        var owner = $"test/cpu{Ranks.Run(workers, communicator => communicator.ChunkAt<float>(length, element).Owner)[0]}";
        var end = AuditedRank.Run(config, 1, 0, null)[0].After;
        foreach (var (bucket, at, device, sum) in ((int, int, string, string)[])[
            (0, 0, "test/cpu0", "the sum of statistics, elements 0 to"), (2, element, owner, "the sum of gradient bucket 0, elements")])
        {
            Assert.All(AuditedRank.Run(config, workers, rate: 1, $"device={device},update=1,bucket={bucket},element={at}"), rank =>
            {
                Assert.Equal((device, null, 1), (rank.Audit!.Member, rank.Audit.Shard, rank.Before.Updates));
                Assert.Contains(sum, rank.Audit.Message);
                Assert.Equal(end, rank.After);
            });
        }
    }

    [Fact]
    public void The_hash_covers_gradient_norm_statistics_terms_statistics_and_rows()
    {
        var statistics = TensorMemory.Float64([1, 2]);
        var rows = TensorMemory.Float32([1, 2, 3, 4], 2, 2);
        var buffer = new ShardBuffer([new float[4], new float[3]], 4);
        var hashes = new List<string> { Hash() };
        for (var i = 0; i < 7; i++)
        {
            buffer.Pieces[i / 4][i % 4] = -0.0f;
            hashes.Add(Hash());
        }

        TensorMemory.Floats(rows)[3] = float.BitIncrement(4);
        hashes.Add(Hash());
        TensorMemory.Doubles(statistics)[1] = double.BitIncrement(2);
        hashes.Add(Hash());
        Assert.Equal(hashes.Count, hashes.Distinct().Count());

        string Hash() => Convert.ToHexStringLower(ShardHash.Of(new ShardOutput(statistics, rows, []), buffer));
    }

    private static TrainingConfig Config(int negatives, int steps) => TestTrials.Config(8 / negatives, negatives) with { Steps = steps, Negatives = 2 };

    private static void AssertFound(AuditedRank rank, int update, int shard, string device)
    {
        Assert.NotNull(rank.Audit);
        Assert.Equal((update, shard, device), (rank.Audit.Update, rank.Audit.Shard, rank.Audit.Member));
        Assert.Equal(update, rank.Before.Updates);
        Assert.Equal(2, rank.Audit.Votes.Select(vote => vote.Sha256).Distinct().Count());
        Assert.Contains($"Audit of update {update}, shard {shard}: {device} is outvoted", rank.Audit.Message);
        Assert.All(rank.Audit.Votes, vote => Assert.Contains($"{vote.Member} {vote.Sha256}", rank.Audit.Message));
    }
}
