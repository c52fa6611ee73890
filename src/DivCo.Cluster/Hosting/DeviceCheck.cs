using DivCo.Training;

namespace DivCo.Cluster.Hosting;

/// <summary>Looks whether the devices that were asked for can be trained on, before anything is promised to the cluster.</summary>
internal static class DeviceCheck
{
    /// <exception cref="ClusterRefusalException">They cannot.</exception>
    public static void Run(DeviceSpec devices)
    {
        if (devices.Kind == DeviceSpec.Cuda)
        {
            throw new ClusterRefusalException(Refusal(devices, TorchRuntime.VisibleGpus));
        }
    }

    /// <param name="visible">How many GPUs libtorch sees.</param>
    public static string Refusal(DeviceSpec devices, int visible) => visible < devices.Count
        ? $"--devices {devices}: libtorch sees {visible} GPUs here; a pod needs the limit nvidia.com/gpu: {devices.Count} and the CUDA image. Without GPUs give cpu:N"
        : $"--devices {devices}: the GPUs are here, but this version trains on CPU threads alone; give cpu:N";
}
