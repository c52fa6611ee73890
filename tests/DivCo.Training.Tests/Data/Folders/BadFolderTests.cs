using DivCo.Training.Data;
using SkiaSharp;

namespace DivCo.Training.Tests.Data.Folders;

/// <summary>What is wrong with a folder is told at once, by file, with what to do.</summary>
public sealed class BadFolderTests : IDisposable
{
    private readonly ImageTree _tree = new();

    [Fact]
    public void Unreadable_odd_and_grey_files_are_named_together_and_counted()
    {
        _tree.Add("trainB/1.png", 1, 16, 16);
        for (var i = 0; i < 8; i++)
        {
            _tree.Add($"trainA/{i}.png", i, 16, 16).Add($"trainA/text{i}.jpg", [1, 2, 3]);
        }

        _tree.Add("trainA/large.png", 9, 20, 16).Add("trainA/grey.png", 9, 16, 16, grey: true).Add("trainA/empty.png", []);
        var cut = File.ReadAllBytes(_tree.File("trainA/0.png"));
        _tree.Add("trainA/cut.png", cut[..(cut.Length * 2 / 3)]);
        AssertTold(
            DatasetKind.ImageDomains,
            "10 files cannot be used (mend or remove them): trainA/cut.png is",
            "trainA/empty.png has 0 bytes",
            "trainA/text0.jpg is not an image",
            "and 5 more",
            "1 file differ in size from the 16 x 16 of the others (resize them alike): trainA/large.png 20 x 16",
            "1 file are grey, but model.channels is 3 (set model.channels: 1, or convert them): trainA/grey.png");
    }

    [Fact]
    public void A_bomb_is_refused_before_it_is_unpacked()
    {
        // A sound header that announces 100,000 x 100,000 pixels: 40 GB.
        var png = File.ReadAllBytes(_tree.Add("a.png", 1, 16, 16).File("a.png"));
        var header = png[12..29];
        foreach (var at in new[] { 4, 8 })
        {
            (header[at], header[at + 1], header[at + 2], header[at + 3]) = (0, 1, 0x86, 0xA0);
        }

        header.CopyTo(png, 12);
        var crc = Crc32(header);
        (png[29], png[30], png[31], png[32]) = ((byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc);
        _tree.Add("train/1.png", png);
        AssertTold(DatasetKind.ImagePairs, "1 file cannot be used", "train/1.png");
    }

    [Fact]
    public void Colour_for_a_grey_model_is_told()
    {
        _tree.Add("train/1.png", 1, 16, 8);
        var message = Assert.Throws<DatasetException>(() => DatasetCatalog.Open(_tree.Request(DatasetKind.ImagePairs, 8, channels: 1))).Message;
        Assert.Contains("are in colour, but model.channels is 1 (set model.channels: 3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_empty_folders_are_named()
    {
        AssertTold(DatasetKind.ImagePairs, $"{_tree.Root} has no folder train");
        AssertTold(DatasetKind.ImageDomains, "has no folder trainA");
        AssertTold(DatasetKind.LabelledImages, "has no folders; put the images of each class into a folder of its name");
        _tree.Add("trainA/1.png", 1, 8, 8).Add("trainB/readme.txt", [1]);
        AssertTold(DatasetKind.ImageDomains, $"{_tree.File("trainB")} has no images; put PNG or JPEG files");
        _tree.Add("trainB/1.webp", [1]);
        AssertTold(DatasetKind.ImageDomains, "1 file are images, but not PNG or JPEG (convert or remove them): trainB/1.webp");
        _tree.Add("train/a/1.png", 1, 8, 8).Add("test/b/1.png", 1, 8, 8);
        Assert.Contains(
            "has the classes b, but",
            Assert.Throws<DatasetException>(() => DatasetCatalog.Open(_tree.Request(DatasetKind.LabelledImages, 8, Split.Test))).Message,
            StringComparison.Ordinal);
        var nowhere = new DatasetRequest("image-folder", Split.Train, 8, 3, null) { Path = "/nowhere/at/all" };
        Assert.Contains("there is no folder /nowhere/at/all", Assert.Throws<DatasetException>(() => DatasetCatalog.Open(nowhere)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_an_odd_width_is_no_pair()
    {
        _tree.Add("train/1.png", 1, 17, 8);
        AssertTold(DatasetKind.ImagePairs, "of 17 x 8 are no pairs A|B");
    }

    [Fact]
    public void Cut_and_damaged_jpegs_are_told()
    {
        _tree.Add("a.jpg", 1, 64, 32, format: SKEncodedImageFormat.Jpeg);
        var sound = File.ReadAllBytes(_tree.File("a.jpg"));
        _tree.Add("train/1.jpg", sound[..(sound.Length / 2)]);
        AssertTold(DatasetKind.ImagePairs, "train/1.jpg is cut off");
    }

    public void Dispose() => _tree.Dispose();

    private void AssertTold(DatasetKind kind, params string[] parts)
    {
        var message = Assert.Throws<DatasetException>(() => DatasetCatalog.Open(_tree.Request(kind, 8))).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
