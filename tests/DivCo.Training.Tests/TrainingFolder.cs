using System.Security.Cryptography;
using DivCo.Collectives;
using DivCo.Training.Checkpoints;
using DivCo.Training.Data;

namespace DivCo.Training.Tests;

/// <summary>A trial's folder in a temporary place, and runs of it whose every event is kept.</summary>
internal sealed class TrainingFolder : IDisposable
{
    public const string TrialHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly string _path;
    private readonly bool _isOurs;

    /// <param name="path">Else a new one, which is deleted in the end.</param>
    public TrainingFolder(string? path = null) => (_path, _isOurs) = (path ?? Directory.CreateTempSubdirectory("divco-training-").FullName, path is null);

    public string Samples => Path.Combine(_path, "samples");

    public CheckpointFolder Checkpoints => new(Path.Combine(_path, "checkpoints"));

    public List<StepReport> Reports { get; } = [];

    public List<WrittenCheckpoint> Written { get; } = [];

    /// <summary>What is trained on.</summary>
    public Dataset Data { get; init; } = TestTrials.Modes;

    /// <summary>The share of shards to audit.</summary>
    public double Audit { get; init; }

    /// <summary>Runs all ranks of a trial to the end; the outcome is the same on all.</summary>
    public TrainingOutcome Run(TrainingConfig config, int workers, string? resumeFrom = null, Func<bool>? stop = null, ActivationMemory memory = ActivationMemory.AllShards) =>
        Assert.Single(Ranks.Run(workers, communicator =>
        {
            using var replica = Replica(config, resumeFrom);
            return TrainingLoop.Run(Rank(replica, communicator) with { StopRequested = stop ?? (() => false), ActivationMemory = memory }, default) with { CheckpointWait = default, CheckpointFlush = default };
        }).Distinct());

    /// <summary>A replica at a checkpoint, or at the beginning.</summary>
    public TrainingReplica Replica(TrainingConfig config, string? checkpoint = null)
    {
        var replica = new TrainingReplica(config, Data);
        if (checkpoint is not null)
        {
            replica.Load(Checkpoints, checkpoint, TrialHash);
        }

        return replica;
    }

    public TrainingRun Rank(TrainingReplica replica, Communicator communicator) => new()
    {
        Replica = replica,
        ActivationMemory = ActivationMemory.AllShards,
        Communicator = communicator,
        Checkpoints = Checkpoints,
        SamplesFolder = Samples,
        TrialHash = TrialHash,
        Audit = Audit,
        Report = Reports.Add,
        CheckpointWritten = Written.Add,
        StopRequested = () => false,
    };

    /// <summary>SHA-256 of weights, moments and step of the last checkpoint.</summary>
    public string StateHash => Written[^1].Manifest.StateSha256;

    public string FileHash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Written[^1].Path, file))));

    public void Dispose()
    {
        if (_isOurs)
        {
            Directory.Delete(_path, recursive: true);
        }
    }
}
