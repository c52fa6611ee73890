namespace DivCo.Training.Determinism;

/// <summary>What became of the bits of one kernel.</summary>
/// <param name="Kernel">Kind and sizes.</param>
/// <param name="Differs">Under which conditions other bits came out than at first; none: never.</param>
public sealed record KernelFinding(string Kernel, IReadOnlyList<ProbeCondition> Differs)
{
    /// <summary>Whether training gets one result from one input: what it never does to a kernel does not count.</summary>
    public bool IsDeterministic => Differs.All(condition => condition == ProbeCondition.Misaligned);
}

/// <summary>What became of all kernels on the devices of this machine.</summary>
public sealed record ProbeResult(string HardwareClass, int Devices, int Repetitions, IReadOnlyList<KernelFinding> Kernels);
