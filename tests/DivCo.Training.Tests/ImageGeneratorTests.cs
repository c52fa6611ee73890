using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests;

public sealed class ImageGeneratorTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly TrainedModel _model;

    public ImageGeneratorTests()
    {
        var config = TestTrials.Config() with { Steps = 1 };
        _folder.Run(config, workers: 1);
        _model = new TrainedModel(config, TestTrials.Modes, _folder.Checkpoints.Load(_folder.Written[^1].Path, TrainingFolder.TrialHash), _folder.Written[^1].Path);
    }

    [Fact]
    public void An_image_is_the_same_however_many_are_asked_for()
    {
        var generator = new ImageGenerator(_model, 7);
        var (many, few) = (generator.Generate(1, generator.RandomLatents(1, 40)), generator.Generate(1, generator.RandomLatents(1, 3)));
        Assert.Equal(many[..few.Length], few);
        Assert.NotEqual(few, generator.Generate(0, generator.RandomLatents(1, 3)));
    }

    [Fact]
    public void A_walk_goes_from_one_random_code_to_another_in_even_steps_and_keeps_its_length()
    {
        var generator = new ImageGenerator(_model, 7);
        var (walk, ends) = (generator.Walk(1, 9), generator.RandomLatents(1, 2));
        var dim = generator.LatentDim;
        var codes = walk.Chunk(dim).ToArray();
        Assert.All(Enumerable.Range(0, dim), i => Assert.Equal((ends[i], ends[dim + i]), (codes[0][i], codes[8][i])));
        var lengths = codes.Select(code => Math.Sqrt(code.Sum(value => (double)value * value))).ToArray();
        Assert.All(lengths, length => Assert.InRange(length, 0.7 * Math.Min(lengths[0], lengths[8]), 1.3 * Math.Max(lengths[0], lengths[8])));
    }

    [Fact]
    public void A_checkpoint_of_other_networks_names_the_tensor()
    {
        var snapshot = _folder.Checkpoints.Load(_folder.Written[^1].Path, TrainingFolder.TrialHash);
        var wider = TestTrials.Config() with { Model = TestTrials.Config().Model with { Width = 8 } };
        var refusal = Assert.Throws<CheckpointException>(() => new TrainedModel(wider, TestTrials.Modes, snapshot, "here"));
        Assert.Contains("discriminator.encoder_head.weight", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("needs shape", refusal.Message, StringComparison.Ordinal);
        var missing = snapshot with { Weights = [.. snapshot.Weights.Skip(1)] };
        Assert.Contains("no such tensor", Assert.Throws<CheckpointException>(() => new TrainedModel(TestTrials.Config(), TestTrials.Modes, missing, "here")).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }
}
