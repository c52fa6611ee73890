using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Data;

/// <summary>Two domains of Fashion-MNIST: sneakers (A) and ankle boots (B).</summary>
internal sealed class FashionDomains(FashionMnist photographs, bool flip) : ImageDomains
{
    public const string DatasetName = "sneakers-to-boots";

    private readonly int[][] _indices = [photographs.IndicesOf(FashionMnist.Sneaker), photographs.IndicesOf(FashionMnist.AnkleBoot)];

    public override string Name => DatasetName;

    public override int CountA => _indices[0].Length;

    public override int CountB => _indices[1].Length;

    public override IReadOnlyList<string> DomainNames { get; } = ["sneakers", "ankle boots"];

    public override int Channels => 1;

    public override int ImageSize => photographs.ImageSize;

    public override string Sha256 { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{DatasetName}\nfashion-mnist={photographs.Sha256}\n")));

    private protected override void Copy(int domain, int index, Augmentation augmentation, Span<float> chw)
    {
        photographs.CopyImage(_indices[domain][index], chw);
        if (flip && augmentation.Flip)
        {
            Augmentation.Mirror(chw, ImageSize);
        }
    }
}
