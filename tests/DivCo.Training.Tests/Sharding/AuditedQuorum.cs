using DivCo.Collectives;
using DivCo.Training.Sharding;

namespace DivCo.Training.Tests.Sharding;

/// <summary>A trial under audit, whose ranks go on in a second quorum after the first one's audit failed.</summary>
/// <param name="Audit">What the first quorum threw; null where nothing was found.</param>
/// <param name="Before">Updates and hash of what was committed when it was thrown.</param>
/// <param name="After">Those of the end.</param>
internal sealed record AuditedRank(AuditException? Audit, (long Updates, string Hash) Before, (long Updates, string Hash) After)
{
    public static AuditedRank[] Run(TrainingConfig config, int workers, double rate, string? fault, ActivationMemory memory = ActivationMemory.AllShards)
    {
        var hub = new ExchangeHub { Fault = fault is null ? null : BitFlip.Parse(fault) };
        var replicas = new TrainingReplica[workers];
        try
        {
            var audits = Ranks.Run(workers, communicator =>
            {
                replicas[communicator.Rank] = new TrainingReplica(config, TestTrials.Modes);
                return Record.Exception(() => Train(config, replicas[communicator.Rank].State, communicator, rate, memory));
            }, hub);
            var before = replicas.Select(Standing).ToArray();
            Assert.All(audits, audit => Assert.True(audit is null or AuditException, audit?.ToString()));
            if (audits[0] is not null)
            {
                Ranks.Run(workers, communicator =>
                {
                    Train(config, replicas[communicator.Rank].State, communicator, rate, memory);
                    return true;
                }, hub, epoch: 2);
            }

            return [.. replicas.Select((replica, rank) => new AuditedRank((AuditException?)audits[rank], before[rank], Standing(replica)))];
        }
        finally
        {
            foreach (var replica in replicas)
            {
                replica?.Dispose();
            }
        }
    }

    private static void Train(TrainingConfig config, TrainingState state, Communicator communicator, double rate, ActivationMemory memory)
    {
        TorchRuntime.EnterThread();
        var runners = state.Task.Updates
            .Select(update => new ShardRunner(state.Task, update, communicator, memory, AuditDraw.Of(config.Seed, rate))).ToArray();
        while (state.Step < config.Steps)
        {
            state.Task.Begin(state.Step);
            do
            {
                state.Commit(runners[state.Next].Run(state.Updates, stop: false));
            }
            while (state.Next != 0);
        }
    }

    private static (long Updates, string Hash) Standing(TrainingReplica replica) => (replica.Updates, replica.Sha256());
}
