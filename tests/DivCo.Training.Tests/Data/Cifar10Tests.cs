using DivCo.Training.Data;
using DivCo.Training.Tests.Checkpoints;

namespace DivCo.Training.Tests.Data;

/// <summary>On a file in the published layout, 10,000 records of a label and 3 x 32 x 32 bytes; the images themselves are not at hand.</summary>
public sealed class Cifar10Tests : IDisposable
{
    private const int RecordBytes = 3073;

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _file = new byte[10_000 * RecordBytes];

    public Cifar10Tests()
    {
        for (var i = 0; i < _file.Length; i++)
        {
            _file[i] = (byte)(i % RecordBytes == 0 ? i / RecordBytes % 10 : (i * 31) ^ (i >> 7));
        }

        Directory.CreateDirectory(_folder.File("cifar-10-batches-bin"));
        File.WriteAllBytes(Batch, _file);
    }

    private string Batch => _folder.File("cifar-10-batches-bin", "test_batch.bin");

    [Fact]
    public void Records_are_labels_and_planes_of_red_green_and_blue()
    {
        var images = (LabelledImages)DatasetCatalog.Open("cifar-10", Split.Test, 32, 3, _folder);
        Assert.Equal((10_000, 10, 3, "frog"), (images.Count, images.Classes, images.Channels, images.ClassNames[6]));
        var image = new float[3072];
        foreach (var index in new[] { 0, 17, 9_999 })
        {
            images.CopyImage(index, image);
            Assert.Equal(index % 10, images.Label(index));
            Assert.Equal(Enumerable.Range(1, 3072).Select(i => (float)((_file[(index * RecordBytes) + i] / 127.5) - 1)), image);
        }
    }

    [Fact]
    public void Mirroring_is_for_training_that_asks_for_it()
    {
        var request = new DatasetRequest("cifar-10", Split.Test, 32, 3, _folder);
        var (plain, mirrored) = (new float[3072], new float[3072]);
        var flip = Augmentation.None with { Flip = true };
        ((LabelledImages)DatasetCatalog.Open(request)).CopyImage(3, flip, plain);
        ((LabelledImages)DatasetCatalog.Open(request with { Flip = true })).CopyImage(3, flip, mirrored);
        Assert.All(Enumerable.Range(0, 3072), i => Assert.Equal(plain[i], mirrored[(i / 32 * 32) + 31 - (i % 32)]));
    }

    [Fact]
    public void Missing_short_and_damaged_files_and_other_forms_are_told()
    {
        Assert.Contains("data_batch_5.bin", Refusal(Split.Train), StringComparison.Ordinal);
        Assert.Contains("DIVCO_DATA is not set", Assert.Throws<DatasetException>(() => DatasetCatalog.Open("cifar-10", Split.Test, 32, 3, null)).Message, StringComparison.Ordinal);
        Assert.Contains("model.channels is 1", Assert.Throws<DatasetException>(() => DatasetCatalog.Open("cifar-10", Split.Test, 32, 1, _folder)).Message, StringComparison.Ordinal);
        _file[RecordBytes * 5] = 10;
        File.WriteAllBytes(Batch, _file);
        Assert.Contains("record 5 has the label 10", Refusal(Split.Test), StringComparison.Ordinal);
        File.WriteAllBytes(Batch, _file[1..]);
        Assert.Contains($"{Batch} has {_file.Length - 1} bytes", Refusal(Split.Test), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Refusal(Split split) => Assert.Throws<DatasetException>(() => DatasetCatalog.Open("cifar-10", split, 32, 3, _folder)).Message;
}
