using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DivCo.Training.Tests;

internal static class TorchRuntimeInitializer
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Must come before any test touches libtorch.")]
    internal static void Initialise() => TorchRuntime.Initialise();
}
