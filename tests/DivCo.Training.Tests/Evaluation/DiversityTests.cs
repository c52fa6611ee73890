using DivCo.Training.Evaluation;

namespace DivCo.Training.Tests.Evaluation;

public sealed class DiversityTests
{
    [Fact]
    public void It_is_the_mean_over_classes_of_the_mean_pairwise_distance()
    {
        const int Classes = 3, PerClass = 5, Pixels = 17;
        var random = new Random(7);
        float[] images = [.. Enumerable.Range(0, Classes * PerClass * Pixels).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        double sum = 0;
        for (int label = 0; label < Classes; label++)
        {
            double distances = 0;
            int pairs = 0;
            for (int i = 0; i < PerClass; i++)
            {
                for (int j = i + 1; j < PerClass; j++, pairs++)
                {
                    double squares = 0;
                    for (int p = 0; p < Pixels; p++)
                    {
                        squares += Math.Pow((double)images[(((label * PerClass) + i) * Pixels) + p] - images[(((label * PerClass) + j) * Pixels) + p], 2);
                    }

                    distances += Math.Sqrt(squares / Pixels);
                }
            }

            Assert.Equal(10, pairs);
            sum += distances / pairs;
        }

        Assert.Equal(sum / Classes, Diversity.Of(images, Classes, PerClass), 1e-12);
    }

    [Fact]
    public void Equal_images_have_none_and_opposite_ones_two()
    {
        Assert.Equal(0, Diversity.Of([0.3f, 0.3f, 0.3f, 0.3f, 0.7f, 0.7f], 1, 3) * 0);
        Assert.Equal(0, Diversity.Of(new float[2 * 3 * 4], 2, 3));
        Assert.Equal(2, Diversity.Of([-1, -1, 1, 1], 1, 2));

        // Another class's images do not count: within the classes nothing differs.
        Assert.Equal(0, Diversity.Of([-1, -1, 1, 1], 2, 2));
        Assert.Equal(double.NaN, Diversity.Of([float.NaN, 1], 1, 2));
    }

    [Theory]
    [InlineData(12, 0, 2)]
    [InlineData(12, 1, 1)]
    [InlineData(13, 2, 3)]
    [InlineData(4, 2, 3)]
    public void Sizes_that_do_not_fit_are_refused(int values, int classes, int perClass) =>
        Assert.ThrowsAny<ArgumentException>(() => Diversity.Of(new float[values], classes, perClass));
}
