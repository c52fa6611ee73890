using DivCo.Collectives;

namespace DivCo.Training.Tests;

/// <summary>
/// One random story of a trial: quorums of any devices, of which some are aborted or die at any update; the furthest survivor hands its state
/// to who joins or lags. Where nobody survives the trial begins again.
/// </summary>
internal sealed class ElasticSchedule(ElasticTrial trial, int seed)
{
    private readonly Random _random = new(seed);
    private readonly int _updates = trial.Replicas[0].Config.UpdatesPerStep * trial.Replicas[0].Config.Steps;
    private int[] _holders = [];

    public void Run()
    {
        Array.ForEach(trial.Replicas, replica => replica.Reset());
        for (uint epoch = 1; ; epoch++)
        {
            // 1. Who takes part, and where its state comes from.
            var members = Enumerable.Range(0, ElasticTrial.Devices).Where(_ => _random.Next(2) == 0).Order().ToArray();
            if (members.Length is 0 or > 4)
            {
                continue;
            }

            if (_holders.Length > 0)
            {
                trial.Send(trial.Furthest(_holders), members);
            }
            else
            {
                Array.ForEach(members, device => trial.Replicas[device].Reset());
            }

            // 2. They train until somebody is aborted, which the others learn from the links, at whatever point they are. In the end, nobody is.
            var started = trial.Replicas[members[0]].Updates;
            Assert.All(members, trial.AssertAtACommit);
            var disturbed = epoch < 12 && _random.Next(4) > 0;
            var abortAt = disturbed ? _random.NextInt64(started, _updates) : -1;
            var aborted = members.Where(_ => _random.Next(2) == 0).DefaultIfEmpty(members[0]).ToArray();
            var errors = trial.Run(members, epoch, abortAt, aborted);
            Assert.All(errors, error => Assert.True(error is null or PeerLostException or OperationCanceledException, $"schedule {seed}: {error}"));

            // 3. Whatever happened, each stands at a commit.
            Assert.All(members, trial.AssertAtACommit);
            if (errors.All(error => error is null))
            {
                Assert.All(members, device => Assert.Equal(_updates, trial.Replicas[device].Updates));
                return;
            }

            // 4. Some of them die, and what they held with them.
            _holders = [.. members.Where(_ => _random.Next(5) > 0)];
        }
    }
}
