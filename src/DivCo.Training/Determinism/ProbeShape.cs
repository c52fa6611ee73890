namespace DivCo.Training.Determinism;

/// <summary>The sizes at which kernels are probed: those of a trial, because libtorch chooses its kernels by them.</summary>
/// <param name="ImageSize">Of images, in pixels; a power of two from 8 on.</param>
/// <param name="Channels">Of images.</param>
/// <param name="Width">Feature maps of the largest layer; they double from layer to layer.</param>
/// <param name="FeatureDim">Features of one image.</param>
/// <param name="Rows">Images of one call.</param>
public sealed record ProbeShape(int ImageSize, int Channels, int Width, int FeatureDim, int Rows);
