using DivCo.Training.Data;

namespace DivCo.Training.Tests.Tasks.Unpaired;

/// <summary>Two domains of waves, of unequal number; no image is like another, and mirroring changes them.</summary>
internal sealed class WaveDomains : ImageDomains
{
    public override string Name => "waves";

    public override int CountA => 24;

    public override int CountB => 40;

    public override IReadOnlyList<string> DomainNames { get; } = ["slow", "fast"];

    public override int Channels => 1;

    public override int ImageSize => 32;

    public override string Sha256 => new('0', 64);

    private protected override void Copy(int domain, int index, Augmentation augmentation, Span<float> chw)
    {
        for (var i = 0; i < chw.Length; i++)
        {
            var (y, x) = Math.DivRem(i, ImageSize);
            chw[i] = (float)(0.9 * Math.Sin((0.2 * (domain + 1) * x) + (0.1 * y * (index % 5)) + index));
        }

        if (augmentation.Flip)
        {
            for (var row = 0; row < chw.Length; row += ImageSize)
            {
                chw.Slice(row, ImageSize).Reverse();
            }
        }
    }
}
