using DivCo.Training.Data;
using DivCo.Training.Evaluation.FeatureNets;
using DivCo.Training.Tasks;
using DivCo.Training.Tests.Checkpoints;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Evaluation.FeatureNets;

public sealed class ClassifierCacheTests
{
    private const int Samples = 1280; // of the synthetic set, whose figures are learnt at once

    private static readonly ClassifierData _data = ClassifierData.Of(TestTrials.Modes);

    [Fact]
    public void What_was_trained_is_read_again_to_the_bit_and_by_others_too()
    {
        using var folder = new TemporaryFolder();
        var cache = new ClassifierCache(folder.File("feature-nets"), Samples);
        using var first = Open(cache, seed: 1);
        var file = Assert.Single(Directory.GetFiles(folder.File("feature-nets")));
        var written = File.GetLastWriteTimeUtc(file);
        using var again = Open(cache, seed: 1);
        Assert.Equal(first.Name, again.Name);
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.Equal(Features(first), Features(again));

        using var other = Open(cache, seed: 2);
        Assert.NotEqual(Features(first), Features(other));
        Assert.Equal(2, Directory.GetFiles(folder.File("feature-nets")).Length);
    }

    [Fact]
    public void A_damaged_file_is_not_used_and_the_same_bits_are_trained_again()
    {
        using var folder = new TemporaryFolder();
        var cache = new ClassifierCache(folder, Samples);
        using var first = Open(cache, seed: 1);
        var file = Assert.Single(Directory.GetFiles(folder));
        var bytes = File.ReadAllBytes(file);
        foreach (var damaged in (byte[][])[bytes[..^1], [.. bytes[..^9], (byte)(bytes[^9] ^ 1), .. bytes[^8..]], []])
        {
            File.WriteAllBytes(file, damaged);
            using var again = Open(cache, seed: 1);
            Assert.Equal(first.Name, again.Name);
            Assert.Equal(Features(first), Features(again));
            Assert.Equal(bytes, File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder))));
        }
    }

    [Fact]
    public void Where_nothing_can_be_written_it_is_trained_all_the_same()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a-file"), "");
        using var net = Open(new ClassifierCache(folder.File("a-file", "below"), Samples), seed: 1);
        Assert.Contains("right", net.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_end_with_the_same_net()
    {
        using var folder = new TemporaryFolder();
        var names = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(OpenOne, TestContext.Current.CancellationToken)));
        Assert.Single(names.Distinct());
        Assert.Single(Directory.GetFiles(folder));

        string OpenOne()
        {
            using var net = Open(new ClassifierCache(folder, Samples), seed: 1);
            return net.Name;
        }
    }

    [Fact]
    public void Images_without_classes_teach_quarter_turns()
    {
        var data = ClassifierData.Of(new TwoByTwo());
        Assert.Equal(("rotations", 8, 4), (data.Task, data.Count, data.Classes));
        float[][] turned = [.. Enumerable.Range(0, 8).Select(index =>
        {
            var image = new float[4];
            data.Copy(index, image);
            return image;
        })];
        Assert.Equal([[1, 2, 3, 4], [3, 1, 4, 2], [4, 3, 2, 1], [2, 4, 1, 3], [5, 6, 7, 8]], turned[..5]);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], Enumerable.Range(0, 8).Select(data.Label));
    }

    private static Classifier Open(ClassifierCache cache, ulong seed)
    {
        TorchRuntime.EnterThread();
        return cache.Open(_data, _data, seed, TestContext.Current.CancellationToken);
    }

    private static float[] Features(Classifier net)
    {
        using var scope = NewDisposeScope();
        var images = empty([4, 1, 32, 32], float32);
        for (var i = 0; i < 4; i++)
        {
            TestTrials.Modes.CopyImage(i, TensorMemory.Floats(images).Slice(i * 1024, 1024));
        }

        return TensorMemory.Floats(net.Features(images)).ToArray();
    }

    private sealed class TwoByTwo : ImageDomains
    {
        public override string Name => "two-by-two";

        public override int Channels => 1;

        public override int ImageSize => 2;

        public override string Sha256 => "";

        public override int CountA => 1;

        public override int CountB => 1;

        public override IReadOnlyList<string> DomainNames => ["a", "b"];

        private protected override void Copy(int domain, int index, Augmentation augmentation, Span<float> chw) =>
            new float[] { 1, 2, 3, 4 }.Select(value => value + (4 * domain)).ToArray().CopyTo(chw);
    }
}
