namespace DivCo.Training.Determinism;

/// <summary>
/// Finds the kernels that do not give one result for one input on this machine: each is run again and again, at other places in memory,
/// and on all devices at once, and its bits are compared with those of its first run.
/// </summary>
public static class KernelProbe
{
    private const int Aligned = 64 / sizeof(float);

    /// <param name="devices">How many compute at once; each is one thread, as in training.</param>
    /// <param name="repetitions">Of each kernel on each device.</param>
    /// <exception cref="OperationCanceledException">Asked for; looked at before each run of a kernel.</exception>
    public static ProbeResult Run(ProbeShape shape, int devices, int repetitions, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(devices);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(repetitions);
        TorchRuntime.Initialise();
        return new ProbeResult(TorchRuntime.HardwareClass, devices, repetitions, Compare(TrialKernels.Of(shape), devices, repetitions, cancel));
    }

    internal static IReadOnlyList<KernelFinding> Compare(IReadOnlyList<ProbedKernel> kernels, int devices, int repetitions, CancellationToken cancel)
    {
        var first = new string[kernels.Count];
        var differs = kernels.Select(_ => new bool[Enum.GetValues<ProbeCondition>().Length]).ToArray();

        // 1. One device alone.
        ProbeThreads.Run(1, _ =>
        {
            for (var kernel = 0; kernel < kernels.Count; kernel++)
            {
                first[kernel] = Bits(kernel, 0);
                for (var i = 1; i <= repetitions; i++)
                {
                    Note(kernel, ProbeCondition.Repeated, Bits(kernel, 0));
                    Note(kernel, ProbeCondition.Moved, Bits(kernel, i * Aligned));
                    Note(kernel, ProbeCondition.Misaligned, Bits(kernel, (2 * i) - 1));
                }
            }
        });

        // 2. All at once: each begins elsewhere, so that any two kernels meet.
        ProbeThreads.Run(devices, device =>
        {
            for (var i = 0; i < repetitions * kernels.Count; i++)
            {
                var kernel = (i + (device * (1 + (i / kernels.Count)))) % kernels.Count;
                Note(kernel, ProbeCondition.Concurrent, Bits(kernel, 0));
            }
        });

        return [.. kernels.Select((kernel, index) =>
            new KernelFinding(kernel.Name, [.. Enum.GetValues<ProbeCondition>().Where(condition => differs[index][(int)condition])]))];

        string Bits(int kernel, int offset)
        {
            cancel.ThrowIfCancellationRequested();
            return kernels[kernel].Bits(offset);
        }

        void Note(int kernel, ProbeCondition condition, string bits)
        {
            if (bits != first[kernel])
            {
                Volatile.Write(ref differs[kernel][(int)condition], true);
            }
        }
    }
}
