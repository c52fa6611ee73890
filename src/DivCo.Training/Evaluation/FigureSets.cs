using DivCo.Training.Data;

namespace DivCo.Training.Evaluation;

/// <summary>The figures that follow from what was kept of all images.</summary>
internal static class FigureSets
{
    private const int Blocks = 10; // of the kernel distance, for its standard error

    /// <param name="generated">Of the plan's chunks, in their order.</param>
    /// <param name="pairs">Distances of the plan's pair conditions, in their order.</param>
    public static IReadOnlyList<FigureSet> Of(
        EvaluationSettings settings, EvaluationNets nets, RealStatistics real, IReadOnlyList<GeneratedFigures> generated, IReadOnlyList<double[]> pairs)
    {
        var sets = new List<FigureSet>();
        if (real.Features is { } features)
        {
            var rows = new FeatureRows(generated.SelectMany(chunk => chunk.Features).ToArray(), features.Length);
            Add(nets.Features!.Name, $"{features.Count} images of the test split", OfFeatures(settings, real, features, rows));
        }

        if (pairs.Count > 0)
        {
            Add(
                nets.Layers!.Name,
                $"{pairs.Count} conditions, {EvaluationPlan.PairImages} random pairs of {EvaluationPlan.PairImages} images each",
                [(EvaluationMetrics.Perceptual, pairs.Average(distances => distances.Average()))]);
        }

        if (real.Bins is { } bins)
        {
            var pixels = new FeatureRows(generated.SelectMany(chunk => chunk.Pixels).ToArray(), bins.Length);
            var counts = bins.Count(bins.Assign(pixels));
            Add(
                "pixels",
                $"{bins.TrainingCounts.Length} bins of {bins.TrainingCounts.Sum()} training images",
                [
                    (EvaluationMetrics.DifferentBins, BinCounts.StatisticallyDifferent(bins.TrainingCounts, counts)),
                    (EvaluationMetrics.Divergence, BinCounts.JensenShannonDivergence(bins.TrainingCounts, counts)),
                ]);
        }

        if (real.Modes is { } modes)
        {
            var hits = generated.SelectMany(chunk => chunk.ModeHits).ToArray();
            var total = modes.Classes * Modes.ModesPerClass;
            Add(
                "pixels",
                $"{total} modes, known exactly",
                [
                    (EvaluationMetrics.Modes, (double)hits.Where(hit => hit >= 0).Distinct().Count() / total),
                    (EvaluationMetrics.ModeHits, (double)hits.Count(hit => hit >= 0) / hits.Length),
                ]);
        }

        return sets;

        void Add(string net, string against, IEnumerable<(string Name, double Value)> figures)
        {
            var wanted = figures.Where(figure => settings.Wants(figure.Name)).ToDictionary(figure => figure.Name, figure => figure.Value);
            if (wanted.Count > 0)
            {
                sets.Add(new FigureSet(net, against, new SortedDictionary<string, double>(wanted, StringComparer.Ordinal)));
            }
        }
    }

    private static IEnumerable<(string Name, double Value)> OfFeatures(EvaluationSettings settings, RealStatistics real, FeatureRows features, FeatureRows generated)
    {
        if (real.Gaussian is { } gaussian)
        {
            yield return (EvaluationMetrics.Frechet, FrechetDistance.Of(gaussian, Gaussian.Fit(generated)));
        }

        if (settings.Wants(EvaluationMetrics.Kernel, EvaluationMetrics.KernelError))
        {
            var block = Math.Clamp(Math.Min(features.Count, generated.Count) / Blocks, 2, KernelDistance.BlockSize);
            var kernel = KernelDistance.Of(features, generated, settings.Seed, block);
            yield return (EvaluationMetrics.Kernel, kernel.Mean);
            yield return (EvaluationMetrics.KernelError, kernel.StandardError);
        }

        if (real.Near is { } near)
        {
            var precisionRecall = PrecisionRecall.Of(near, Neighbourhoods.Of(generated, PrecisionRecall.Neighbours));
            yield return (EvaluationMetrics.Precision, precisionRecall.Precision);
            yield return (EvaluationMetrics.Recall, precisionRecall.Recall);
        }

        if (real.Wide is { } wide)
        {
            var densityCoverage = DensityCoverage.Of(wide, generated);
            yield return (EvaluationMetrics.Density, densityCoverage.Density);
            yield return (EvaluationMetrics.Coverage, densityCoverage.Coverage);
        }
    }
}
