using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DivCo.Training.Data;

namespace DivCo.Training.Tests.Data;

public sealed class ModesTests
{
    [Theory]
    [InlineData(32, 1)]
    [InlineData(64, 3)]
    [InlineData(33, 3)]
    public void An_image_is_its_mode_s_centre_and_a_little_noise(int size, int channels)
    {
        var modes = (Modes)DatasetCatalog.Open("modes", Split.Train, size, channels, null);
        float[] image = new float[modes.ImageLength];
        foreach (int index in new[] { 0, 1, 31, 32, 4_567, modes.Count - 1 })
        {
            modes.CopyImage(index, image);
            ReadOnlySpan<float> centre = modes.Centre(modes.Label(index), modes.Mode(index));
            double squares = 0;
            for (int i = 0; i < image.Length; i++)
            {
                Assert.InRange(image[i], -1f, 1f);
                double noise = image[i] - centre[i];
                Assert.InRange(noise, -0.1001, 0.1001);
                squares += noise * noise;
            }

            // Uniform in [-a, a] has the variance a^2 / 3; clipping at the ends of the scale, where most pixels are, halves it.
            Assert.InRange(squares / image.Length, 0.4 * 0.01 / 3, 0.75 * 0.01 / 3);
        }
    }

    [Fact]
    public void Classes_and_modes_are_equally_frequent_and_all_images_differ()
    {
        Modes modes = Modes.Create(32, 1);
        Assert.Equal((8_192, 4, 8), (modes.Count, modes.Classes, Modes.ModesPerClass));
        Assert.All(Enumerable.Range(0, modes.Count).CountBy(index => (modes.Label(index), modes.Mode(index))), count => Assert.Equal(256, count.Value));
        float[] image = new float[modes.ImageLength];
        var seen = new HashSet<string>();
        for (int index = 0; index < modes.Count; index++)
        {
            modes.CopyImage(index, image);
            Assert.True(seen.Add(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(image.AsSpan())))), $"image {index} is the same as another");
        }
    }

    [Fact]
    public void An_image_depends_on_its_index_alone()
    {
        Modes one = Modes.Create(32, 3);
        Modes other = Modes.Create(32, 3);
        (float[] first, float[] second) = (new float[one.ImageLength], new float[one.ImageLength]);
        for (int index = 99; index >= 0; index--)
        {
            other.CopyImage(index, second);
        }

        one.CopyImage(0, first);
        Assert.Equal(first, second);
        Assert.Equal(one.Sha256, other.Sha256);
        Assert.NotEqual(one.Sha256, Modes.Create(32, 1).Sha256);
    }

    /// <summary>A change of these bytes changes every trial on this set: that would be another data set.</summary>
    [Fact]
    public void The_images_are_the_published_ones() =>
        Assert.Equal("07ae658ae5bed0ab0daa0319bdbd80734b763bd5245038aeb02c0d9c7d7917f6", Modes.Create(32, 1).Sha256);

    [Fact]
    public void Figures_stand_where_their_mode_says_and_are_shaped_as_their_class()
    {
        Modes modes = Modes.Create(64, 1);
        for (int label = 0; label < 4; label++)
        {
            for (int mode = 0; mode < 8; mode++)
            {
                ReadOnlySpan<float> centre = modes.Centre(label, mode);
                (double mass, double x, double y) = (0, 0, 0);
                for (int i = 0; i < centre.Length; i++)
                {
                    double light = (centre[i] + 1) / 2;
                    (mass, x, y) = (mass + light, x + (light * ((i % 64) - 31.5) / 32), y + (light * ((i / 64) - 31.5) / 32));
                }

                Assert.Equal(0.55 * Math.Cos(mode * Math.PI / 4), x / mass, 0.01);
                Assert.Equal(0.55 * Math.Sin(mode * Math.PI / 4), y / mass, 0.01);

                // Areas of disc, square and diamond of these radii, and of a ring: pi r^2, (2r)^2, 2 (r sqrt 2)^2, 2 pi r w 2.
                double area = label switch { 0 => Math.PI * 0.09, 1 => 0.36, 2 => 2 * 0.18, _ => 2 * Math.PI * 0.3 * 0.24 };
                Assert.Equal(area, mass * 4 / (64 * 64), 0.02 * area + 0.01);
            }
        }
    }

    [Theory]
    [InlineData(31, 1, "model.image_size is 31")]
    [InlineData(257, 1, "model.image_size is 257")]
    [InlineData(32, 2, "model.channels is 2")]
    public void Other_sizes_and_channels_are_refused(int size, int channels, string found)
    {
        Assert.Contains(found, Assert.Throws<DatasetException>(() => DatasetCatalog.Open("modes", Split.Train, size, channels, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_set_is_refused_with_the_known_names()
    {
        string message = Assert.Throws<DatasetException>(() => DatasetCatalog.Open("cifar", Split.Train, 32, 3, null)).Message;
        Assert.Contains("dataset.name is \"cifar\"; allowed: fashion-mnist, modes, ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_open_a_set_together_share_it()
    {
        Dataset[] opened = [.. Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(8).Select(_ => DatasetCatalog.Open("modes", Split.Train, 48, 1, null))];
        Assert.Single(opened.Distinct());
    }
}
