using System.Security.Cryptography;
using System.Text;

namespace DivCo.Training.Data;

/// <summary>Pairs of an edge map and the photograph it was drawn from, of the shoes and bags of Fashion-MNIST; made when they are read.</summary>
internal sealed class FashionEdges(FashionMnist photographs, bool flip) : ImagePairs
{
    public const string DatasetName = "edges-to-fashion";

    private static readonly int[] _labels = [FashionMnist.Sandal, FashionMnist.Sneaker, FashionMnist.Bag, FashionMnist.AnkleBoot];

    private readonly int[] _indices = photographs.IndicesOf(_labels);

    public override string Name => DatasetName;

    public override int Count => _indices.Length;

    public override int Channels => 1;

    public override int InputChannels => 1;

    public override int ImageSize => photographs.ImageSize;

    public override string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(
        Encoding.ASCII.GetBytes($"{DatasetName}\nfashion-mnist={photographs.Sha256}\nlabels={string.Join(',', _labels)}\nthreshold={SobelEdges.Threshold}\n")));

    private protected override void Copy(int index, Augmentation augmentation, Span<float> input, Span<float> target)
    {
        var size = ImageSize;
        Span<byte> levels = stackalloc byte[size * size];
        photographs.CopyLevels(_indices[index], levels);
        SobelEdges.Draw(levels, size, input);
        photographs.CopyImage(_indices[index], target);
        if (flip && augmentation.Flip)
        {
            Augmentation.Mirror(input, size);
            Augmentation.Mirror(target, size);
        }
    }
}
