using System.Buffers.Binary;
using System.IO.Compression;
using DivCo.Training.Data;
using DivCo.Training.Tests.Checkpoints;

namespace DivCo.Training.Tests.Data;

/// <summary>Against the files themselves, read by plain loops.</summary>
public sealed class FashionMnistTests
{
    private const string ImagesFile = "train-images-idx3-ubyte";
    private const string LabelsFile = "train-labels-idx1-ubyte";

    [Fact]
    public void Every_image_is_the_file_s_padded_and_scaled()
    {
        var dataset = (LabelledImages)DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, SystemRoot());
        byte[] images = Decompressed(ImagesFile);
        byte[] labels = Decompressed(LabelsFile);
        Assert.Equal((60_000, 10, 1, 32, 1024), (dataset.Count, dataset.Classes, dataset.Channels, dataset.ImageSize, dataset.ImageLength));
        Assert.Equal((60_000, 28, 28), (Int32(images, 4), Int32(images, 8), Int32(images, 12)));
        float[] image = new float[1024];
        for (int index = 0; index < 60_000; index += 1 + (index % 97))
        {
            dataset.CopyImage(index, image);
            Assert.Equal(labels[8 + index], dataset.Label(index));
            for (int y = 0; y < 32; y++)
            {
                for (int x = 0; x < 32; x++)
                {
                    bool inside = y is >= 2 and < 30 && x is >= 2 and < 30;
                    double expected = inside ? (images[16 + (index * 784) + ((y - 2) * 28) + (x - 2)] * 2 / 255.0) - 1 : -1;
                    Assert.Equal(expected, image[(y * 32) + x], 1e-7);
                }
            }
        }
    }

    [Fact]
    public void Each_class_has_6000_images_and_the_ends_of_the_scale_are_exact()
    {
        var dataset = (LabelledImages)DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, SystemRoot());
        Assert.All(Enumerable.Range(0, dataset.Count).CountBy(dataset.Label), count => Assert.Equal(6_000, count.Value));
        Assert.Equal("sneaker", dataset.ClassNames[7]);
        float[] image = new float[1024];
        dataset.CopyImage(0, image);
        Assert.Equal((-1f, 1f), (image.Min(), image.Max()));
    }

    [Fact]
    public void Plain_and_gzipped_files_are_the_same_set_and_it_is_opened_once()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("fashion-mnist"));
        File.WriteAllBytes(folder.File("fashion-mnist", ImagesFile), Decompressed(ImagesFile));
        File.WriteAllBytes(folder.File("fashion-mnist", LabelsFile), Decompressed(LabelsFile));
        Dataset plain = DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder);
        Dataset zipped = DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, SystemRoot());
        Assert.Equal(zipped.Sha256, plain.Sha256);
        Assert.Same(plain, DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder.Path + "/"));
        Assert.Same(plain, DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder.Path));
        Assert.Equal("fashion-mnist", DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder.File("fashion-mnist")).Name);
    }

    [Fact]
    public void A_damaged_file_is_named_with_both_hashes_and_a_mended_one_is_accepted()
    {
        using var folder = new TemporaryFolder();
        byte[] labels = Decompressed(LabelsFile);
        labels[1234] ^= 1;
        File.WriteAllBytes(folder.File(LabelsFile), labels);
        File.Copy(GzipOf(ImagesFile), folder.File(ImagesFile + ".gz"));
        string message = Assert.Throws<DatasetException>(() => DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder)).Message;
        Assert.Contains($"{folder.File(LabelsFile)} is damaged", message, StringComparison.Ordinal);
        Assert.Contains("expected bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9, found ", message, StringComparison.Ordinal);
        Assert.Contains("dataset-fashion-mnist", message, StringComparison.Ordinal);

        labels[1234] ^= 1;
        File.WriteAllBytes(folder.File(LabelsFile), labels);
        Assert.Equal(60_000, ((LabelledImages)DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder)).Count);
    }

    [Fact]
    public void Torn_endless_and_unreadable_files_are_named()
    {
        using var folder = new TemporaryFolder();
        File.Copy(GzipOf(LabelsFile), folder.File(LabelsFile + ".gz"));
        string path = folder.File(ImagesFile + ".gz");
        byte[] sound = File.ReadAllBytes(GzipOf(ImagesFile));
        using var endless = new MemoryStream();
        using (var gzip = new GZipStream(endless, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(new byte[100_000_000]);
        }

        foreach (byte[] bytes in new[] { sound[..(sound.Length / 2)], [.. sound[..100], .. sound[200..]], [], [1, 2, 3], endless.ToArray() })
        {
            File.WriteAllBytes(path, bytes);
            Assert.Contains(path, Assert.Throws<DatasetException>(() => DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_set_names_the_places_the_package_and_the_variable()
    {
        using var folder = new TemporaryFolder();
        string message = Assert.Throws<DatasetException>(() => DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, folder)).Message;
        Assert.All(
            [folder.File("fashion-mnist"), ImagesFile, "apt-get install dataset-fashion-mnist", "DIVCO_DATA"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(64, 1, "model.image_size is 64", "allowed: 32")]
    [InlineData(32, 3, "model.channels is 3", "allowed: 1")]
    public void A_size_or_channels_that_it_has_not_is_told(int size, int channels, string found, string allowed)
    {
        string message = Assert.Throws<DatasetException>(() => DatasetCatalog.Open("fashion-mnist", Split.Train, size, channels, null)).Message;
        Assert.Contains(found, message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_not_there_are_refused()
    {
        var dataset = (LabelledImages)DatasetCatalog.Open("fashion-mnist", Split.Train, 32, 1, SystemRoot());
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset.Label(60_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset.CopyImage(-1, new float[1024]));
        Assert.Throws<ArgumentException>(() => dataset.CopyImage(0, new float[784]));
    }

    /// <summary>DIVCO_DATA or the package's folder; the test is skipped where neither has the set.</summary>
    private static string? SystemRoot()
    {
        string? root = Environment.GetEnvironmentVariable(DatasetCatalog.DataRootVariable);
        Assert.SkipUnless(File.Exists(GzipOf(ImagesFile)), $"Fashion-MNIST is not at {GzipOf(ImagesFile)}: install dataset-fashion-mnist");
        return root;
    }

    private static string GzipOf(string file) =>
        Path.Combine(
            Environment.GetEnvironmentVariable(DatasetCatalog.DataRootVariable) is { } root ? Path.Combine(root, "fashion-mnist") : "/usr/share/datasets/fashion-mnist",
            file + ".gz");

    private static byte[] Decompressed(string file)
    {
        SystemRoot();
        using var stream = new GZipStream(File.OpenRead(GzipOf(file)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static int Int32(byte[] bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
}
