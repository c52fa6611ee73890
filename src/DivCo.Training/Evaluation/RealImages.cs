using DivCo.Training.Data;

namespace DivCo.Training.Evaluation;

/// <summary>The images of a data set that a generator imitates: all of a labelled set, the targets of pairs, both domains.</summary>
internal abstract class RealImages
{
    public abstract int Count { get; }

    /// <param name="chw">Channels, rows, columns, in [-1, 1].</param>
    public abstract void Copy(int index, Span<float> chw);

    public static RealImages Of(Dataset dataset) => dataset switch
    {
        LabelledImages labelled => new Labelled(labelled),
        ImagePairs pairs => new Targets(pairs),
        ImageDomains domains => new Domains(domains),
        _ => throw new ArgumentException($"{dataset.Name} is of no known kind", nameof(dataset)),
    };

    /// <summary>Evenly spread places: of so many things as many as asked for, or all.</summary>
    public static int[] Spread(int count, int wanted) =>
        [.. Enumerable.Range(0, Math.Min(count, wanted)).Select(i => (int)((long)i * count / Math.Min(count, wanted)))];

    private sealed class Labelled(LabelledImages images) : RealImages
    {
        public override int Count => images.Count;

        public override void Copy(int index, Span<float> chw) => images.CopyImage(index, chw);
    }

    private sealed class Targets(ImagePairs pairs) : RealImages
    {
        public override int Count => pairs.Count;

        public override void Copy(int index, Span<float> chw) => pairs.CopyPair(index, Augmentation.None, new float[pairs.InputLength], chw);
    }

    private sealed class Domains(ImageDomains domains) : RealImages
    {
        public override int Count => domains.CountA + domains.CountB;

        public override void Copy(int index, Span<float> chw)
        {
            if (index < domains.CountA)
            {
                domains.CopyA(index, Augmentation.None, chw);
            }
            else
            {
                domains.CopyB(index - domains.CountA, Augmentation.None, chw);
            }
        }
    }
}
