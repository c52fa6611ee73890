using System.Collections.Concurrent;
using DivCo.Training.Data;

namespace DivCo.Training.Tests;

/// <summary>Devices of one trial, each with its replica, that train in one quorum epoch after another.</summary>
internal sealed class ElasticTrial : IDisposable
{
    public const int Devices = 5;

    private readonly TrainingConfig _config;

    /// <param name="data">What is trained on.</param>
    public ElasticTrial(TrainingConfig config, Dataset? data = null)
    {
        _config = config;
        Folder = new TrainingFolder { Data = data ?? TestTrials.Modes };
        Replicas = [.. Enumerable.Range(0, Devices).Select(_ => Folder.Replica(config))];
        Hashes = Undisturbed(config, Folder.Data);
    }

    public TrainingFolder Folder { get; }

    public TrainingReplica[] Replicas { get; }

    /// <summary>Of the undisturbed run, by count of updates.</summary>
    public IReadOnlyDictionary<long, string> Hashes { get; }

    /// <summary>Trains on <paramref name="workers"/> devices from <paramref name="first"/> on; at an update some are aborted.</summary>
    /// <returns>How each rank ended, null at the last step.</returns>
    public Exception?[] Run(int workers, uint epoch, long abortAt = -1, int[]? aborted = null, int first = 0) =>
        Run([.. Enumerable.Range(first, workers)], epoch, abortAt, aborted ?? []);

    /// <param name="members">Devices in order of their ranks.</param>
    /// <param name="abortAt">Update before which rank 0 has the abort of <paramref name="aborted"/> asked for.</param>
    public Exception?[] Run(int[] members, uint epoch, long abortAt, int[] aborted)
    {
        var aborts = Array.ConvertAll(members, _ => new CancellationTokenSource());
        try
        {
            return Ranks.Run(Array.ConvertAll(members, device => $"test/cpu{device}"), epoch, rank => aborts[rank].Token, communicator =>
            {
                var replica = Replicas[members[communicator.Rank]];
                var run = Folder.Rank(replica, communicator) with { StopRequested = () => AtUpdate(replica.Updates) };
                return Record.Exception(() => TrainingLoop.Run(run, aborts[communicator.Rank].Token));
            });
        }
        finally
        {
            Array.ForEach(aborts, abort => abort.Dispose());
        }

        bool AtUpdate(long update)
        {
            if (update == abortAt)
            {
                Array.ForEach(aborted, device => aborts[Array.IndexOf(members, device)].Cancel());
            }

            return false;
        }
    }

    /// <summary>Gives some devices the state of one.</summary>
    public void Send(int source, int[] receivers)
    {
        var from = Replicas[source];
        foreach (var receiver in receivers.Where(device => device != source))
        {
            using var stream = new MemoryStream();
            from.Write(stream);
            stream.Position = 0;
            Replicas[receiver].Receive(stream, from.StateBytes, from.Updates, from.Sha256(), default);
            Assert.Equal(from.Sha256(), Replicas[receiver].Sha256());
        }
    }

    public int Furthest(IEnumerable<int> devices) => devices.MaxBy(device => Replicas[device].Updates);

    /// <summary>Whatever a device holds is what the undisturbed run held after as many updates.</summary>
    public void AssertAtACommit(int device) => Assert.Equal(Hashes[Replicas[device].Updates], Replicas[device].Sha256());

    public void AssertFinishedAsUndisturbed(int workers) => Assert.All(Enumerable.Range(0, workers), device =>
    {
        Assert.Equal(_config.Steps, Replicas[device].Step);
        AssertAtACommit(device);
    });

    public void Dispose()
    {
        Array.ForEach(Replicas, replica => replica.Dispose());
        Folder.Dispose();
    }

    /// <summary>The hash before each update and at the end, trained in one go on one worker.</summary>
    private static Dictionary<long, string> Undisturbed(TrainingConfig config, Dataset data)
    {
        var hashes = new ConcurrentDictionary<long, string>();
        using var folder = new TrainingFolder { Data = data };
        using var replica = folder.Replica(config);
        Ranks.Run(1, communicator => TrainingLoop.Run(folder.Rank(replica, communicator) with { StopRequested = Note }, default));
        Note();
        return hashes.ToDictionary();

        bool Note()
        {
            hashes[replica.Updates] = replica.Sha256();
            return false;
        }
    }
}
