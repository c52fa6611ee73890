namespace DivCo.Training.Checkpoints;

/// <summary>A checkpoint cannot be written, read or trusted. The message names the file and the reason.</summary>
public sealed class CheckpointException(CheckpointFault fault, string file, string reason, Exception? inner = null)
    : Exception($"{file}: {reason}", inner)
{
    /// <summary>The kind of failure.</summary>
    public CheckpointFault Fault { get; } = fault;

    /// <summary>Path of the file or folder at fault.</summary>
    public string File { get; } = file;

    /// <summary>The reason in words, without the file.</summary>
    public string Reason { get; } = reason;
}
