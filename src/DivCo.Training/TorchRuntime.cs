using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace DivCo.Training;

/// <summary>
/// Loads libtorch so that one computation has one result: one thread a device, one instruction set, deterministic algorithms. Bits
/// depend on each of these, so they are set here, once, before libtorch is loaded, and named by <see cref="HardwareClass"/>.
/// </summary>
public static partial class TorchRuntime
{
    // Native code reads the environment of libc, which Environment.SetEnvironmentVariable does not change.
    private static readonly (string Name, string Value)[] Environment =
    [
        ("MKL_CBWR", "AVX2"),
        ("ATEN_CPU_CAPABILITY", "avx2"),
        ("ONEDNN_MAX_CPU_ISA", "AVX2"),
        ("OMP_NUM_THREADS", "1"),
        ("MKL_NUM_THREADS", "1"),
        ("OMP_WAIT_POLICY", "PASSIVE"),
        ("CUBLAS_WORKSPACE_CONFIG", ":4096:8"),
    ];

    private static readonly Lazy<string> Loaded = new(Load);

    /// <summary>
    /// What the bits of a computation depend on besides its inputs: instruction set, versions of libtorch and of the mathematical
    /// functions of libc, settings. Devices of one class compute the same bits.
    /// </summary>
    public static string HardwareClass => Loaded.Value;

    /// <summary>Loads libtorch, once; must come before any other use of it in the process.</summary>
    /// <exception cref="InvalidOperationException">libtorch was loaded before, without these settings.</exception>
    /// <exception cref="PlatformNotSupportedException">The loaded libtorch has no switch for deterministic algorithms.</exception>
    public static void Initialise() => _ = Loaded.Value;

    /// <summary>How many GPUs libtorch sees in this process; 0 also where this build is for CPUs.</summary>
    public static int VisibleGpus => torch.cuda.is_available() ? torch.cuda.device_count() : 0;

    /// <summary>Makes the calling thread compute alone; for each device's thread, because OpenMP counts threads for each caller.</summary>
    internal static void EnterThread() => torch.set_num_threads(1);

    private static string Load()
    {
        if (File.ReadLines("/proc/self/maps").Any(line => line.Contains("libtorch_cpu", StringComparison.Ordinal)))
        {
            throw new InvalidOperationException("libtorch was loaded before TorchRuntime.Initialise; call that first in the process.");
        }

        foreach (var (name, value) in Environment)
        {
            _ = SetEnvironmentVariable(name, value, overwrite: 1);
        }

        torch.InitializeDeviceType(DeviceType.CPU);
        torch.set_num_threads(1);
        UseDeterministicAlgorithms();

        var capability = Avx2.IsSupported && Fma.IsSupported ? "avx2" : "baseline";
        var libc = Marshal.PtrToStringAnsi(LibcVersion());
        return $"cpu {capability}; libtorch {torch.__version__}; libc {libc}; mkl cbwr avx2; onednn avx2; 1 thread";
    }

    // TorchSharp's own switch is not implemented; libtorch exports the C++ symbols behind it.
    private static unsafe void UseDeterministicAlgorithms()
    {
        var libtorch = NativeLibrary.Load("libtorch_cpu.so", typeof(torch).Assembly, null);
        var context = ((delegate* unmanaged<nint>)Symbol("_ZN2at13globalContextEv"))();
        ((delegate* unmanaged<nint, byte, byte, void>)Symbol("_ZN2at7Context26setDeterministicAlgorithmsEbb"))(context, 1, 0);
        ((delegate* unmanaged<nint, byte, void>)Symbol("_ZN2at7Context21setDeterministicCuDNNEb"))(context, 1);
        ((delegate* unmanaged<nint, byte, void>)Symbol("_ZN2at7Context22setDeterministicMkldnnEb"))(context, 1);

        nint Symbol(string name) => NativeLibrary.TryGetExport(libtorch, name, out var address)
            ? address
            : throw new PlatformNotSupportedException($"libtorch_cpu.so does not export {name}; use libtorch 2.10, the version this build was made for.");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "gnu_get_libc_version")]
    private static partial nint LibcVersion();
}
