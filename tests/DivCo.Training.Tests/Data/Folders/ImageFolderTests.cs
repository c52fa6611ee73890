using DivCo.Training.Data;
using SkiaSharp;

namespace DivCo.Training.Tests.Data.Folders;

public sealed class ImageFolderTests
{
    [Fact]
    public void Class_folders_give_labels_and_the_levels_of_the_files()
    {
        using var tree = new ImageTree();
        foreach (var (name, seed) in new[] { ("train/cat/b.png", 1), ("train/cat/a.png", 2), ("train/dog/z.png", 3), ("test/cat/1.png", 4), ("test/dog/1.png", 5) })
        {
            tree.Add(name, seed, 8, 8);
        }

        var images = (LabelledImages)DatasetCatalog.Open(tree.Request(DatasetKind.LabelledImages, 8));
        Assert.Equal(["cat", "dog"], images.ClassNames);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(images.Label));
        var image = new float[3 * 64];
        foreach (var (index, seed) in new[] { (0, 2), (1, 1), (2, 3) })
        {
            images.CopyImage(index, image);
            Assert.Equal(Levels(seed, 8, 8), image);
        }

        Assert.Equal(2, ((LabelledImages)DatasetCatalog.Open(tree.Request(DatasetKind.LabelledImages, 8, Split.Test))).Count);
    }

    [Fact]
    public void The_halves_of_a_file_are_a_pair_and_crop_and_mirror_fit_on_both()
    {
        using var tree = new ImageTree();
        tree.Add("train/1.png", 7, 24, 12);
        var pairs = (ImagePairs)DatasetCatalog.Open(tree.Request(DatasetKind.ImagePairs, 8) with { LoadSize = 12, Flip = true });
        var (input, target) = (new float[3 * 64], new float[3 * 64]);
        pairs.CopyPair(0, new Augmentation(0.999f, 0.25f, Flip: true), input, target);
        for (var channel = 0; channel < 3; channel++)
        {
            for (var y = 0; y < 8; y++)
            {
                for (var x = 0; x < 8; x++)
                {
                    // Window 4 columns from the left, 1 row from the top; mirrored.
                    var (column, row) = (4 + 7 - x, 1 + y);
                    Assert.Equal((ImageTree.Level(7, channel, column, row) / 127.5) - 1, input[(((channel * 8) + y) * 8) + x], 1e-6);
                    Assert.Equal((ImageTree.Level(7, channel, 12 + column, row) / 127.5) - 1, target[(((channel * 8) + y) * 8) + x], 1e-6);
                }
            }
        }
    }

    [Fact]
    public void Two_domains_may_have_different_numbers_and_jpegs_are_the_same_bits_each_time()
    {
        using var tree = new ImageTree();
        tree.Add("trainA/1.jpg", 1, 20, 16, format: SKEncodedImageFormat.Jpeg).Add("trainA/2.JPEG", 2, 20, 16, format: SKEncodedImageFormat.Jpeg).Add("trainB/1.png", 3, 20, 16);
        var domains = (ImageDomains)DatasetCatalog.Open(tree.Request(DatasetKind.ImageDomains, 8));
        var again = (ImageDomains)DatasetCatalog.Open(tree.Request(DatasetKind.ImageDomains, 8) with { Flip = true });
        Assert.Equal((2, 1), (domains.CountA, domains.CountB));
        var (one, other) = (new float[3 * 64], new float[3 * 64]);
        for (var i = 0; i < 2; i++)
        {
            domains.CopyA(i, Augmentation.None, one);
            again.CopyA(i, Augmentation.None, other);
            Assert.Equal(one, other);
        }

        Assert.NotSame(domains, again);
    }

    [Fact]
    public void The_hash_is_that_of_names_and_contents_and_a_changed_file_is_read_again()
    {
        using var tree = new ImageTree();
        using var copy = new ImageTree();
        foreach (var one in new[] { tree, copy })
        {
            one.Add("trainA/1.png", 1, 8, 8).Add("trainB/1.png", 2, 8, 8);
        }

        var first = DatasetCatalog.Open(tree.Request(DatasetKind.ImageDomains, 8));
        Assert.Same(first, DatasetCatalog.Open(tree.Request(DatasetKind.ImageDomains, 8)));
        Assert.Equal(first.Sha256, DatasetCatalog.Open(copy.Request(DatasetKind.ImageDomains, 8)).Sha256);
        tree.Add("trainB/1.png", 3, 8, 8);
        File.SetLastWriteTimeUtc(tree.File("trainB/1.png"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.NotEqual(first.Sha256, DatasetCatalog.Open(tree.Request(DatasetKind.ImageDomains, 8)).Sha256);
        File.Move(copy.File("trainB/1.png"), copy.File("trainB/2.png"));
        Assert.NotEqual(first.Sha256, DatasetCatalog.Open(copy.Request(DatasetKind.ImageDomains, 8)).Sha256);
    }

    [Fact]
    public void A_path_may_lie_below_the_data_root()
    {
        using var tree = new ImageTree();
        tree.Add("mine/train/a/1.png", 1, 8, 8, grey: true);
        var request = new DatasetRequest("image-folder", Split.Train, 8, 1, tree.Root) { Path = "mine" };
        Assert.Equal(1, ((LabelledImages)DatasetCatalog.Open(request)).Count);
        Assert.Contains("DIVCO_DATA", Assert.Throws<DatasetException>(() => DatasetCatalog.Open(request with { DataRoot = null })).Message, StringComparison.Ordinal);
    }

    private static float[] Levels(int seed, int width, int height) =>
        [.. from channel in Enumerable.Range(0, 3) from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select (float)((ImageTree.Level(seed, channel, x, y) / 127.5) - 1)];
}
