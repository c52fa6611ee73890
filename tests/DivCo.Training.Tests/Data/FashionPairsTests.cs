using DivCo.Training.Data;

namespace DivCo.Training.Tests.Data;

/// <summary>What is made from Fashion-MNIST, against its photographs.</summary>
public sealed class FashionPairsTests
{
    private const int Size = 32;

    [Theory]
    [InlineData(Split.Train, 24_000)]
    [InlineData(Split.Test, 4_000)]
    public void A_pair_is_a_shoe_or_bag_and_the_steep_places_of_its_brightness(Split split, int count)
    {
        var photographs = Fashion(split);
        var pairs = (ImagePairs)DatasetCatalog.Open("edges-to-fashion", split, Size, 1, DataRoot.OfFashionMnist());
        Assert.Equal((count, 1, 1, Size), (pairs.Count, pairs.Channels, pairs.InputChannels, pairs.ImageSize));
        var shoesAndBags = Enumerable.Range(0, photographs.Count).Where(i => photographs.ClassNames[photographs.Label(i)] is "sandal" or "sneaker" or "bag" or "ankle boot").ToArray();
        var (input, target, photograph) = (new float[1024], new float[1024], new float[1024]);
        for (var i = 0; i < count; i += 1 + (i % 211))
        {
            photographs.CopyImage(shoesAndBags[i], photograph);
            pairs.CopyPair(i, Augmentation.None, input, target);
            Assert.Equal(photograph, target);
            Assert.Equal(Edges(photograph), input);
        }
    }

    /// <summary>An edge map must leave open how a garment is filled: garments that differ in brightness alone have nearly the same one.</summary>
    [Fact]
    public void Edges_are_few_and_of_two_levels()
    {
        var pairs = (ImagePairs)DatasetCatalog.Open("edges-to-fashion", Split.Train, Size, 1, DataRoot.OfFashionMnist());
        var (input, target) = (new float[1024], new float[1024]);
        var onEdge = 0L;
        for (var i = 0; i < 2_000; i++)
        {
            pairs.CopyPair(i, Augmentation.None, input, target);
            Assert.All(input, value => Assert.True(value is -1 or 1));
            onEdge += input.Count(value => value > 0);
        }

        Assert.InRange(onEdge / (2_000.0 * 1024), 0.05, 0.4);
    }

    [Theory]
    [InlineData(Split.Train, 6_000)]
    [InlineData(Split.Test, 1_000)]
    public void Domains_are_the_sneakers_and_the_boots(Split split, int count)
    {
        var photographs = Fashion(split);
        var domains = (ImageDomains)DatasetCatalog.Open("sneakers-to-boots", split, Size, 1, DataRoot.OfFashionMnist());
        Assert.Equal((count, count), (domains.CountA, domains.CountB));
        var sneakers = Enumerable.Range(0, photographs.Count).Where(i => photographs.Label(i) == 7).ToArray();
        var boots = Enumerable.Range(0, photographs.Count).Where(i => photographs.Label(i) == 9).ToArray();
        var (found, expected) = (new float[1024], new float[1024]);
        for (var i = 0; i < count; i += 97)
        {
            domains.CopyA(i, Augmentation.None, found);
            photographs.CopyImage(sneakers[i], expected);
            Assert.Equal(expected, found);
            domains.CopyB(i, Augmentation.None, found);
            photographs.CopyImage(boots[i], expected);
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void Both_sides_of_a_pair_are_mirrored_together_and_only_where_the_set_was_opened_for_it()
    {
        var request = new DatasetRequest("edges-to-fashion", Split.Train, Size, 1, DataRoot.OfFashionMnist());
        var (fixedPairs, mirrored) = ((ImagePairs)DatasetCatalog.Open(request), (ImagePairs)DatasetCatalog.Open(request with { Flip = true }));
        var (input, target, other, otherTarget) = (new float[1024], new float[1024], new float[1024], new float[1024]);
        var flip = Augmentation.None with { Flip = true };
        fixedPairs.CopyPair(5, flip, input, target);
        fixedPairs.CopyPair(5, Augmentation.None, other, otherTarget);
        Assert.Equal(input, other);
        mirrored.CopyPair(5, flip, other, otherTarget);
        for (var i = 0; i < 1024; i++)
        {
            var opposite = ((i / Size) * Size) + Size - 1 - (i % Size);
            Assert.Equal((input[i], target[i]), (other[opposite], otherTarget[opposite]));
        }
    }

    [Fact]
    public void A_task_that_gets_another_kind_of_set_names_the_field_and_those_it_can_have()
    {
        var config = TestTrials.Config() with { Task = "paired" };
        var message = Assert.Throws<TrainingConfigException>(() => DatasetCatalog.Open(config, Split.Train, null)).Message;
        Assert.Contains("trial.dataset.name: modes holds labelled images, but task paired trains on pairs of images; allowed: edges-to-fashion", message, StringComparison.Ordinal);
    }

    /// <summary>By the definition, in float64, from the scaled photograph.</summary>
    private static float[] Edges(float[] photograph)
    {
        double[,] across = { { -1, 0, 1 }, { -2, 0, 2 }, { -1, 0, 1 } };
        var edges = new float[photograph.Length];
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var (gx, gy) = (0.0, 0.0);
                for (var i = -1; i <= 1; i++)
                {
                    for (var j = -1; j <= 1; j++)
                    {
                        var level = Math.Round((photograph[(Math.Clamp(y + i, 0, Size - 1) * Size) + Math.Clamp(x + j, 0, Size - 1)] + 1) * 127.5);
                        gx += across[i + 1, j + 1] * level;
                        gy += across[j + 1, i + 1] * level;
                    }
                }

                edges[(y * Size) + x] = Math.Sqrt((gx * gx) + (gy * gy)) >= 256 ? 1 : -1;
            }
        }

        return edges;
    }

    private static LabelledImages Fashion(Split split) => (LabelledImages)DatasetCatalog.Open("fashion-mnist", split, Size, 1, DataRoot.OfFashionMnist());
}
