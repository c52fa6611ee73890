namespace DivCo.Training.Checkpoints;

/// <summary>What a caller decides by, when a checkpoint fails.</summary>
public enum CheckpointFault
{
    /// <summary>The folder or a file of it is not there.</summary>
    Missing,

    /// <summary>A file is not what was written: torn, truncated or altered.</summary>
    Damaged,

    /// <summary>A sound checkpoint, but not the one that was asked for (another trial, step, epoch or manifest).</summary>
    Foreign,

    /// <summary>Another checkpoint has this name already.</summary>
    Conflict,

    /// <summary>The file system refused (full, read-only, no permission); trying again later may succeed.</summary>
    Storage,
}
