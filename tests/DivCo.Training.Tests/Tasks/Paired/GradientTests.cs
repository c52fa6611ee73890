using System.Runtime.InteropServices;
using DivCo.Training.Data;
using DivCo.Training.Sharding;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Paired;

/// <summary>The sums over shards against the released code's step on the whole batch.</summary>
public sealed class GradientTests
{
    private const int Step = 3;

    public static TheoryData<int, int, string, PairedArchitecture, PairedEncoder> Grids => new()
    {
        { 1, 1, nameof(Terms.DivCo), PairedArchitecture.BicycleGan, PairedEncoder.Generator },
        { 4, 1, nameof(Terms.DivCo), PairedArchitecture.BicycleGan, PairedEncoder.Generator },
        { 2, 2, nameof(Terms.DivCoWithExtraCode), PairedArchitecture.BicycleGan, PairedEncoder.Generator },
        { 1, 4, nameof(Terms.DivCo), PairedArchitecture.BicycleGan, PairedEncoder.Vae },
        { 2, 1, nameof(Terms.None), PairedArchitecture.BicycleGan, PairedEncoder.Generator },
        { 2, 1, nameof(Terms.ModeSeeking), PairedArchitecture.BicycleGan, PairedEncoder.Generator },
        { 4, 1, nameof(Terms.LatentRegression), PairedArchitecture.BicycleGan, PairedEncoder.Generator },
        { 2, 2, nameof(Terms.All), PairedArchitecture.BicycleGan, PairedEncoder.Vae },
        { 1, 1, nameof(Terms.None), PairedArchitecture.Pix2Pix, PairedEncoder.Generator },
        { 2, 1, nameof(Terms.ModeSeeking), PairedArchitecture.Pix2Pix, PairedEncoder.Generator },
        { 2, 2, nameof(Terms.DivCo), PairedArchitecture.Pix2Pix, PairedEncoder.Generator },
    };

    [Theory]
    [MemberData(nameof(Grids))]
    public void Gradients_and_losses_are_those_of_the_whole_batch(
        int data, int negatives, string terms, PairedArchitecture architecture, PairedEncoder encoder) =>
        Check(PairedTrials.Config(data, negatives).With(architecture).With(encoder).With(Terms.Named(terms)), PairedTrials.Waves);

    [Fact]
    public void Without_a_latent_pix2pix_is_deterministic() => Check(
        PairedTrials.Config(2, 1).With(PairedArchitecture.Pix2Pix).With(Terms.None) with { Model = PairedTrials.Config().Model with { LatentDim = 0 } },
        PairedTrials.Waves);

    [Fact]
    public void So_they_are_with_coloured_images_of_grey_inputs_sums_and_raw_features() => Check(
        PairedTrials.Config(2, 2).With(PairedEncoder.Vae) with
        {
            Model = PairedTrials.Config().Model with { Channels = 3 },
            ContrastiveReduction = Reduction.Sum,
            FeatureNorm = false,
        },
        new WavePairs(1, 3));

    [Theory]
    [MemberData(nameof(Grids))]
    public void Every_placement_and_a_second_pass_give_the_same_bits(
        int data, int negatives, string terms, PairedArchitecture architecture, PairedEncoder encoder)
    {
        var config = PairedTrials.Config(data, negatives).With(architecture).With(encoder).With(Terms.Named(terms));
        var alone = Sums(config, PairedTrials.Waves);
        foreach (var workers in Enumerable.Range(1, data * negatives))
        {
            foreach (var memory in Enum.GetValues<ActivationMemory>())
            {
                Assert.All(AllSums(config, PairedTrials.Waves, workers, memory), rank =>
                {
                    Assert.True(MemoryMarshal.AsBytes<float>(alone.Gradient).SequenceEqual(MemoryMarshal.AsBytes<float>(rank.Gradient)));
                    Assert.Equal(alone.Losses, rank.Losses);
                });
            }
        }
    }

    private static void Check(TrainingConfig config, ImagePairs pairs)
    {
        using var scope = NewDisposeScope();
        using var task = TaskCatalog.Create(config, pairs);
        var (losses, gradients) = new ReferenceBicycle(config, pairs, task, Step).Step();
        var sums = Sums(config, pairs);
        Assert.Equal(losses.Keys.Order(), sums.Losses.Keys.Order());
        Assert.All(losses, loss => Assert.Equal(loss.Value, sums.Losses[loss.Key], 1e-5 * Math.Max(1, Math.Abs(loss.Value))));

        var start = 0;
        foreach (var tensors in task.Updates[0].Trained)
        {
            // Each network for itself, as their gradients differ by orders of magnitude.
            var (error, norm) = (0.0, 0.0);
            for (var i = 0; i < tensors.Layout.Tensors.Count; i++)
            {
                var expected = gradients[tensors.Layout.Tensors[i].Name];
                var actual = sums.Gradient.AsSpan(start + tensors.Layout.Offsets[i], expected.Length).ToArray();
                error += expected.Zip(actual, (x, y) => (x - y) * (x - y)).Sum();
                norm += expected.Sum(x => x * x);
            }

            Assert.True(norm > 0, tensors.Layout.Tensors[0].Name);
            Assert.InRange(Math.Sqrt(error / norm), 0, 1e-5);
            start += tensors.Layout.Length;
        }
    }

    private static (float[] Gradient, IReadOnlyDictionary<string, double> Losses) Sums(TrainingConfig config, ImagePairs pairs) =>
        AllSums(config, pairs, 1, ActivationMemory.AllShards)[0];

    private static (float[] Gradient, IReadOnlyDictionary<string, double> Losses)[] AllSums(
        TrainingConfig config, ImagePairs pairs, int workers, ActivationMemory memory) =>
        Ranks.Run(workers, communicator =>
        {
            using var task = TaskCatalog.Create(config, pairs);
            task.Begin(Step);
            var sum = new ShardRunner(task, task.Updates[0], communicator, memory).Run(0, stop: false);
            return (sum.Gradient.ToArray(), sum.Losses);
        });
}
