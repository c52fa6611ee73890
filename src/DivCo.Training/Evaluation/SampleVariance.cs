namespace DivCo.Training.Evaluation;

/// <summary>How little the images of one condition differ: what is lost when a generator ignores its latent.</summary>
public static class SampleVariance
{
    /// <param name="images">[conditions, per condition, pixels].</param>
    /// <returns>The unbiased variance of a pixel over the images of a condition, averaged over the pixels; the least of all conditions.</returns>
    public static double Least(ReadOnlySpan<float> images, int conditions, int perCondition)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(conditions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perCondition, 2);
        var pixels = images.Length / (conditions * perCondition);
        var least = double.PositiveInfinity;
        for (var condition = 0; condition < conditions; condition++)
        {
            var ofCondition = images.Slice(condition * perCondition * pixels, perCondition * pixels);
            var total = 0.0;
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                var (sum, squares) = (0.0, 0.0);
                for (var i = 0; i < perCondition; i++)
                {
                    sum += ofCondition[(i * pixels) + pixel];
                }

                for (var i = 0; i < perCondition; i++)
                {
                    var distance = ofCondition[(i * pixels) + pixel] - (sum / perCondition);
                    squares += distance * distance;
                }

                total += squares / (perCondition - 1);
            }

            // NaN is not less than anything: a broken condition must still be seen.
            least = double.IsNaN(total) ? double.NaN : double.IsNaN(least) ? least : Math.Min(least, total / pixels);
        }

        return least;
    }
}
