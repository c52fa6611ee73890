using DivCo.Collectives;
using DivCo.Training.Checkpoints;
using DivCo.Training.Evaluation;

namespace DivCo.Training;

/// <summary>One rank's part in training a trial during one quorum epoch.</summary>
public sealed record TrainingRun
{
    /// <summary>
    /// What this rank trains, from its last commit on; at the same one on all ranks. Used by the training's thread alone, disposed of by the
    /// caller.
    /// </summary>
    public required TrainingReplica Replica { get; init; }

    /// <summary>Of this rank alone: others may choose otherwise, and the bits are the same.</summary>
    public required ActivationMemory ActivationMemory { get; init; }

    /// <summary>This rank among the others; used by the training alone, disposed of by the caller.</summary>
    public required Communicator Communicator { get; init; }

    /// <summary>Where rank 0 writes checkpoints.</summary>
    public required CheckpointFolder Checkpoints { get; init; }

    /// <summary>Where rank 0 writes a picture of samples (step-000200.png) with each checkpoint.</summary>
    public required string SamplesFolder { get; init; }

    /// <summary>SHA-256 of the resolved trial, which its checkpoints carry.</summary>
    public required string TrialHash { get; init; }

    /// <summary>The resolved trial as JSON, which its checkpoints carry as <c>trial.json</c>, so that they can be used alone; null: they do not.</summary>
    public string? Trial { get; init; }

    /// <summary>
    /// The share of shards, 0 to 1, that a second worker computes too, the same on all ranks; 0: none. It decides no weights, and costs about
    /// its share of the trial's time.
    /// </summary>
    public double Audit { get; init; }

    /// <summary>Where rank 0 stands still while what it leaves behind cannot be written.</summary>
    public OutputGate Output { get; init; } = new();

    /// <summary>How the trial judges itself on the way, the same on all ranks; null: not at all. It decides no weights.</summary>
    public TrialEvaluation? Evaluation { get; init; }

    /// <summary>Called on rank 0 every <c>report_every</c> steps, on the training's thread: must not block.</summary>
    public required Action<StepReport> Report { get; init; }

    /// <summary>Called on rank 0 when a checkpoint is durable, on the writer's thread.</summary>
    public required Action<WrittenCheckpoint> CheckpointWritten { get; init; }

    /// <summary>Asked on rank 0 once an update. Its answer rides in the update's sums: all ranks stop after the same step, with a checkpoint.</summary>
    public required Func<bool> StopRequested { get; init; }
}
