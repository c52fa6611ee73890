using System.Runtime.CompilerServices;

namespace DivCo.Collectives;

/// <summary>What a buffer holds. The numbers are those of the wire.</summary>
internal enum ElementType
{
    None = 0,
    Float32 = 1,
    Float64 = 2,
}

internal static class Element
{
    public static ElementType Of<T>() where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Buffers travel as little-endian memory; this processor is big-endian.");
        }

        return typeof(T) == typeof(float) ? ElementType.Float32
            : typeof(T) == typeof(double) ? ElementType.Float64
            : throw new NotSupportedException($"{typeof(T).Name} cannot be reduced; allowed: Single, Double.");
    }

    public static int SizeOf<T>() where T : unmanaged => Unsafe.SizeOf<T>();
}
