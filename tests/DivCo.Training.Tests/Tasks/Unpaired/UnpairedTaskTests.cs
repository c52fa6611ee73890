using DivCo.Training.Data;
using DivCo.Training.Tasks;
using static TorchSharp.torch;

namespace DivCo.Training.Tests.Tasks.Unpaired;

public sealed class UnpairedTaskTests
{
    [Fact]
    public void A_condition_is_an_image_of_either_domain()
    {
        using var scope = NewDisposeScope();
        using var task = TaskCatalog.Create(UnpairedTrials.Config(), UnpairedTrials.Waves);
        Assert.Equal(64, task.Conditions);
        var image = new float[32 * 32];
        UnpairedTrials.Waves.CopyA(23, Augmentation.None, image);
        Assert.Equal(image, task.ConditionImage(23)!.data<float>().ToArray());
        UnpairedTrials.Waves.CopyB(1, Augmentation.None, image);
        Assert.Equal(image, task.ConditionImage(25)!.data<float>().ToArray());
    }

    [Theory]
    [InlineData(3, "a", "b")]
    [InlineData(30, "b", "a")]
    public void Its_images_have_its_content_without_noise_and_the_attributes_of_the_latents(int condition, string from, string to)
    {
        using var scope = NewDisposeScope();
        using var task = TaskCatalog.Create(UnpairedTrials.Config(), UnpairedTrials.Waves);
        var networks = new ReferenceNetworks(task.State.SelectMany(tensors => tensors.Constants).ToDictionary(pair => pair.Key, pair => pair.Value.to(float64)));
        var latents = TensorMemory.Float32([0.1f, -1, 2, 0, 0.5f, -0.5f], 2, 3);
        var content = networks.Content(from, task.ConditionImage(condition)!.unsqueeze(0).to(float64));
        var expected = networks.Generate(to, content.repeat(2, 1, 1, 1), latents.to(float64));
        var images = task.Generate(task.State, condition, latents);
        Assert.Equal([2L, 1, 32, 32], images.shape);
        Assert.InRange((expected - images.to(float64)).abs().max().item<double>(), 0, 1e-4);
        Assert.False(images.requires_grad);
    }

    [Fact]
    public void Each_network_is_trained_by_the_updates_that_are_for_it()
    {
        using var task = TaskCatalog.Create(UnpairedTrials.Config(), UnpairedTrials.Waves);
        var updates = task.Updates.Select(update => string.Join(" ", update.Trained.Select(NameOf))).ToArray();
        Assert.Equal(
            ["content_discriminator", "discriminator_a", "content_discriminator", "content_encoder attribute_encoder generator", "content_encoder generator"],
            updates);
        Assert.All(task.Updates, update => Assert.Equal(
            NameOf(update.Trained[0]) == "content_discriminator" ? (0.4, 5.0) : (1.0, (double?)null), (update.LearningRateScale, update.ClipNorm)));

        using var cycle = TaskCatalog.Create(UnpairedTrials.Cycle(), UnpairedTrials.Waves);
        Assert.Equal(["discriminator_a2", "content_encoder generator"], cycle.Updates.Select(update => string.Join(" ", update.Trained.Select(NameOf))));
        Assert.Equal(["content_encoder", "generator", "discriminator_a2"], cycle.State.Select(NameOf));

        static string NameOf(FlatTensors tensors) => tensors.Layout.Tensors[0].Name.Split('.')[0];
    }

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        var config = UnpairedTrials.Config();
        var refusal = Assert.Throws<TrainingConfigException>(
            () => TaskCatalog.Create(config with { Model = config.Model with { ImageSize = 64 } }, UnpairedTrials.Waves));
        Assert.Contains("image_size 64", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<TrainingConfigException>(() => TaskCatalog.Create(config, TestTrials.Modes));
    }
}
