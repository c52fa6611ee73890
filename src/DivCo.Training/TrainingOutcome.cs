namespace DivCo.Training;

/// <summary>How a run ended.</summary>
/// <param name="Step">Steps committed; a checkpoint of this step exists.</param>
/// <param name="Stopped">Whether it ended because a stop was requested, before the last step.</param>
public sealed record TrainingOutcome(int Step, bool Stopped)
{
    /// <summary>Time that the steps stood still for checkpoints: copies of the state, a full queue, the flush at the end. Zero on ranks that write none.</summary>
    public TimeSpan CheckpointWait { get; init; }

    /// <summary>Of it, the flush at the end, which no step waits for.</summary>
    public TimeSpan CheckpointFlush { get; init; }
}
