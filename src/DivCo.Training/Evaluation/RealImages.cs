using DivCo.Training.Data;
using DivCo.Training.Latents;

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

    /// <summary>
    /// Of so many things as many as asked for, or all, in order. Drawn and not evenly spread, for what is spread evenly may be of some classes alone.
    /// </summary>
    public static int[] Choose(int count, int wanted, ulong seed) => wanted >= count
        ? [.. Enumerable.Range(0, count)]
        : [.. RandomOrder.Of(count, new PhiloxStream(seed, StreamPurpose.EvaluationDraw), sample: 0, time: 4).Take(wanted).Order()];

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
