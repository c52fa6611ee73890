using DivCo.Training.Data;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>Forty pairs of 32 x 32 images made of waves, in memory; as many channels as a test wants.</summary>
internal sealed class WavePairs(int inputChannels, int channels) : ImagePairs
{
    public override string Name => "waves";

    public override int Count => 40;

    public override int Channels => channels;

    public override int InputChannels => inputChannels;

    public override int ImageSize => 32;

    public override string Sha256 => "waves";

    private protected override void Copy(int index, Augmentation augmentation, Span<float> input, Span<float> target)
    {
        Fill(input, index, 0.21f);
        Fill(target, index, 0.37f);
        if (augmentation.Flip)
        {
            Augmentation.Mirror(input, ImageSize);
            Augmentation.Mirror(target, ImageSize);
        }
    }

    private static void Fill(Span<float> image, int index, float pitch)
    {
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = MathF.Sin((pitch * (i % 32)) + (0.13f * (i / 32)) + (0.7f * index * (1 + (i / 1024))));
        }
    }
}
