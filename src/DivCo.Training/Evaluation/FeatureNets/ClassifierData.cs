using DivCo.Training.Data;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// What a classifier learns on a data set: the classes where it has them, else which of four quarter turns was made of an image (Gidaris, Singh and
/// Komodakis, ICLR 2018), which needs no labels and is learnt from the shapes.
/// </summary>
internal abstract class ClassifierData(Dataset dataset)
{
    /// <summary>What is told apart, in one word.</summary>
    public abstract string Task { get; }

    public abstract int Count { get; }

    public abstract int Classes { get; }

    public string Name => dataset.Name;

    public string Sha256 => dataset.Sha256;

    public int Channels => dataset.Channels;

    public int ImageSize => dataset.ImageSize;

    public int ImageLength => dataset.ImageLength;

    public abstract int Label(int index);

    public abstract void Copy(int index, Span<float> chw);

    public static ClassifierData Of(Dataset dataset) => dataset is LabelledImages labelled ? new ByClass(labelled) : new ByTurn(dataset);

    private sealed class ByClass(LabelledImages images) : ClassifierData(images)
    {
        public override string Task => "classes";

        public override int Count => images.Count;

        public override int Classes => images.Classes;

        public override int Label(int index) => images.Label(index);

        public override void Copy(int index, Span<float> chw) => images.CopyImage(index, chw);
    }

    private sealed class ByTurn(Dataset dataset) : ClassifierData(dataset)
    {
        private const int Turns = 4;

        private readonly RealImages _images = RealImages.Of(dataset);

        public override string Task => "rotations";

        public override int Count => _images.Count * Turns;

        public override int Classes => Turns;

        public override int Label(int index) => index % Turns;

        public override void Copy(int index, Span<float> chw)
        {
            _images.Copy(index / Turns, chw);
            var (size, turned) = (ImageSize, new float[ImageSize * ImageSize]);
            for (var turn = 0; turn < index % Turns; turn++)
            {
                for (var plane = chw; !plane.IsEmpty; plane = plane[turned.Length..])
                {
                    for (var i = 0; i < turned.Length; i++)
                    {
                        turned[(i % size * size) + size - 1 - (i / size)] = plane[i];
                    }

                    turned.CopyTo(plane);
                }
            }
        }
    }
}
