namespace DivCo.Training.Determinism;

/// <summary>What was different between two runs of a kernel on the same numbers.</summary>
public enum ProbeCondition
{
    /// <summary>Nothing: one device ran it again.</summary>
    Repeated,

    /// <summary>All devices ran kernels at once.</summary>
    Concurrent,

    /// <summary>The inputs lay elsewhere, at another multiple of 64 bytes, as they do in training.</summary>
    Moved,

    /// <summary>The inputs lay at an odd multiple of 4 bytes, as they never do in training.</summary>
    Misaligned,
}
