namespace DivCo.Training.Data.Folders;

/// <summary>What a folder of images may ask of a machine: files come from outside, and a small file can be a large image.</summary>
internal static class ImageLimits
{
    public const int MaxFiles = 1_000_000;
    public const int MaxFileBytes = 64 << 20;
    public const int MaxSide = 16_384;
    public const int MaxPixels = 32 << 20;

    /// <summary>Of all images of a set after resizing: up to here they stay in memory, beyond they are decoded again whenever they are read.</summary>
    public const long MaxBytesInMemory = 2L << 30;

    /// <summary>Files that a message names of each kind of trouble.</summary>
    public const int NamedFiles = 5;
}
