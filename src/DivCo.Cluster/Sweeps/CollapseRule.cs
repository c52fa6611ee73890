using System.Globalization;

namespace DivCo.Cluster.Sweeps;

/// <summary>When a trial has collapsed: a pure decision that gives its reason.</summary>
internal static class CollapseRule
{
    /// <summary>That must agree.</summary>
    public const int Checkpoints = 3;

    /// <summary>Before, a generator has not yet learnt to be anything: its first images differ as little as those of a collapsed one.</summary>
    public const int FirstSteps = 100;

    /// <summary>A twentieth of a grey level of 256, in the mean over pixels: the images of a condition are one image.</summary>
    public const double SameImage = 1e-5;

    /// <summary>Share of its best variance that a trial may lose.</summary>
    public const double LostVariance = 0.05;

    /// <summary>Loss below which the discriminator errs on no image; -ln p of the right answer: 0.99.</summary>
    public const double Saturated = 0.01;

    /// <summary>Loss below which it has won, whatever the images: it learns nothing more, and the generator follows a signal that says only no.</summary>
    public const double Won = 0.001;

    /// <summary>Margin that positives and negatives must have had, and that they must have lost.</summary>
    public const double ClearMargin = 0.1, NoMargin = 0.01;

    /// <returns>The reason, or null where all is well.</returns>
    public static string? Judge(CollapseWatch watch)
    {
        var (window, last) = (watch.Window, watch.Window[^1]);
        if (last.NotFinite is { } broken)
        {
            return $"{broken} is no number any more";
        }

        if (window.Count < Checkpoints || window[0].Step < FirstSteps)
        {
            return null;
        }

        if (All(figures => figures.Variance < SameImage))
        {
            return $"the images of a condition are one image: sample variance {Show(last.Variance)} (from {Show(SameImage)} on they differ)";
        }

        if (All(figures => figures.Variance < LostVariance * watch.BestVariance))
        {
            return $"the images of a condition have become alike: sample variance {Show(last.Variance)}, once {Show(watch.BestVariance)}";
        }

        if (watch.BestMargin >= ClearMargin && All(figures => figures.Margin < NoMargin))
        {
            return $"positives are no longer told from negatives: contrastive margin {Show(last.Margin)}, once {Show(watch.BestMargin)} of 1";
        }

        if (All(figures => figures.LossD < Won))
        {
            return $"the discriminator has won: loss {Show(last.LossD)} at {Checkpoints} checkpoints";
        }

        return All(figures => figures.LossD < Saturated && figures.Variance < watch.BestVariance / 2)
            ? $"the discriminator tells every image apart, and diversity falls: loss {Show(last.LossD)}, sample variance {Show(last.Variance)}, once {Show(watch.BestVariance)}"
            : null;

        bool All(Func<CollapseFigures, bool> holds) => window.All(holds);
    }

    private static string Show(double? value) => value?.ToString("0.###e0", CultureInfo.InvariantCulture) ?? "unknown";
}
