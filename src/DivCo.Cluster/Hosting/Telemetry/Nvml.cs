using System.Runtime.InteropServices;

namespace DivCo.Cluster.Hosting.Telemetry;

/// <summary>NVIDIA's management library, where there is one.</summary>
internal static unsafe class Nvml
{
    private const int Success = 0;
    private const int TemperatureOfChip = 0;
    private const int NameBytes = 96;

    private static readonly nint _library = Open();

    /// <summary>GPUs of this machine; 0 without a driver.</summary>
    public static int Count { get; } = CountDevices();

    /// <summary>One reading of a GPU; null where the driver does not answer.</summary>
    public static GpuReading? Read(int index)
    {
        nint device;
        GpuUtilization utilization;
        GpuMemory memory;
        uint celsius, milliwatts;
        if (Call("nvmlDeviceGetHandleByIndex_v2", out var handle) && ((delegate* unmanaged<uint, nint*, int>)handle)((uint)index, &device) == Success
            && Call("nvmlDeviceGetUtilizationRates", out var rates) && ((delegate* unmanaged<nint, GpuUtilization*, int>)rates)(device, &utilization) == Success
            && Call("nvmlDeviceGetMemoryInfo", out var sizes) && ((delegate* unmanaged<nint, GpuMemory*, int>)sizes)(device, &memory) == Success)
        {
            var temperature = Call("nvmlDeviceGetTemperature", out var degrees)
                && ((delegate* unmanaged<nint, int, uint*, int>)degrees)(device, TemperatureOfChip, &celsius) == Success ? celsius : (double?)null;
            var power = Call("nvmlDeviceGetPowerUsage", out var watts)
                && ((delegate* unmanaged<nint, uint*, int>)watts)(device, &milliwatts) == Success ? milliwatts / 1e3 : (double?)null;
            return new GpuReading(Text("nvmlDeviceGetUUID", device), Text("nvmlDeviceGetName", device), utilization.Gpu / 100.0, (long)memory.Used, (long)memory.Total, temperature, power);
        }

        return null;
    }

    private static string Text(string name, nint device)
    {
        var text = stackalloc byte[NameBytes];
        return Call(name, out var get) && ((delegate* unmanaged<nint, byte*, uint, int>)get)(device, text, NameBytes) == Success
            ? Marshal.PtrToStringUTF8((nint)text) ?? "" : "";
    }

    private static int CountDevices()
    {
        uint count = 0;
        return Call("nvmlInit_v2", out var init) && ((delegate* unmanaged<int>)init)() == Success
            && Call("nvmlDeviceGetCount_v2", out var get) && ((delegate* unmanaged<uint*, int>)get)(&count) == Success
            ? (int)count : 0;
    }

    private static nint Open() => NativeLibrary.TryLoad("libnvidia-ml.so.1", out var library) ? library : 0;

    private static bool Call(string name, out nint function)
    {
        function = 0;
        return _library != 0 && NativeLibrary.TryGetExport(_library, name, out function);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GpuUtilization
    {
        public uint Gpu, Memory;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GpuMemory
    {
        public ulong Total, Free, Used;
    }
}

/// <summary>How a GPU does.</summary>
/// <param name="Utilization">Share of the time, 0 to 1, that a kernel ran.</param>
/// <param name="UsedBytes">Of its memory.</param>
/// <param name="TotalBytes">Of its memory.</param>
/// <param name="Celsius">Null: it does not say.</param>
/// <param name="Watts">Null: it does not say.</param>
internal sealed record GpuReading(string Id, string Model, double Utilization, long UsedBytes, long TotalBytes, double? Celsius, double? Watts);
