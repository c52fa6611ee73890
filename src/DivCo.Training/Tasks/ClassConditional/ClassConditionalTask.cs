using System.Diagnostics;
using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Objectives;
using DivCo.Training.Sharding;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>Images from a class label and a latent: DCGAN with a conditional discriminator, the first task of DivCo (Liu et al., CVPR 2021).</summary>
internal sealed class ClassConditionalTask : GanTask
{
    public const string Name = "class_conditional";

    /// <summary>The discriminator's, then the generator's.</summary>
    public const int UpdatesPerStep = 2;

    private readonly TrainingConfig _config;
    private readonly LabelledImages _dataset;
    private readonly Networks _networks;
    private readonly ShardedSampler _sampler;
    private readonly DiversityTerms _terms;
    private readonly ShardLatents _latents;
    private readonly AugmentationStream _augmentations;
    private readonly ContrastiveLoss? _contrastive;
    private readonly Dictionary<int, ShardTensors> _shards = [];
    private int _step;

    /// <param name="type">Of all tensors; null: float32. In float64 no update can be run, but its arithmetic be checked.</param>
    public ClassConditionalTask(TrainingConfig config, LabelledImages dataset, ScalarType? type = null)
    {
        (_config, _dataset) = (config, dataset);
        Grid = new ShardGrid(config.DataShards, config.NegativeShards);
        _sampler = new ShardedSampler(config.Seed, dataset.Count, config.BatchSize);
        _terms = DiversityTerms.Of(config);
        _latents = new ShardLatents(config, _terms, Grid);
        _contrastive = _terms.Contrasts ? new ContrastiveLoss(config.Negatives, config.Tau) : null;
        _networks = new Networks(config, _terms, dataset, type ?? float32);
        _augmentations = new AugmentationStream(config.Seed);
        var adversarial = new AdversarialLoss(config.Adversarial);
        Updates =
        [
            new DiscriminatorUpdate(_networks, adversarial, TensorsOf),
            new GeneratorUpdate(config, _networks, _terms, adversarial, _contrastive, _latents, TensorsOf),
        ];
    }

    public override ShardGrid Grid { get; }

    public override IReadOnlyList<GanUpdate> Updates { get; }

    public override IReadOnlyList<FlatTensors> State => _networks.State;

    public override int Conditions => _dataset.Classes;

    public override int LatentDim => _config.Model.LatentDim;

    public override void Begin(int step)
    {
        ForgetShards();
        _step = step;
    }

    /// <summary>Generates the shard's images: the discriminator's update does not change the generator.</summary>
    public override Action? Preparation(int shard) => () => TensorsOf(shard).Generate();

    public override void Release(int shard)
    {
        if (_shards.Remove(shard, out var tensors))
        {
            tensors.Dispose();
        }
    }

    public override Tensor Generate(IReadOnlyList<FlatTensors> state, int condition, Tensor latents)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var rows = (int)latents.shape[0];
        var labels = zeros([rows, _dataset.Classes], float32);
        for (var i = 0; i < rows; i++)
        {
            TensorMemory.Floats(labels)[(i * _dataset.Classes) + condition] = 1;
        }

        var generator = _networks.Generator;
        var parameters = state.Single(tensors => tensors.Layout == generator.Parameters);
        var norms = generator.InEvaluation(state.SingleOrDefault(tensors => tensors.Layout == generator.Statistics));
        return generator.Forward(parameters.Constants, norms, latents, labels).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        ForgetShards();
        _contrastive?.Dispose();
        _networks.Dispose();
    }

    private ShardTensors TensorsOf(int shard)
    {
        if (!_shards.TryGetValue(shard, out var tensors))
        {
            var began = Stopwatch.GetTimestamp();
            var samples = _config.BatchSize / Grid.Data;
            var first = Grid.SliceOf(shard) * samples;
            var indices = _sampler.Batch(_step).Slice(first, samples);
            var latents = empty([_latents.Blocks(shard) * samples, LatentDim], float32);
            _latents.Fill(_step, shard, TensorMemory.Floats(latents));
            tensors = new ShardTensors(
                _networks, _dataset, indices, i => _augmentations.Draw(_step, first + i), _latents.Blocks(shard), latents, _latents.HoldsQueries(shard), _terms.HasSecondCode);
            _shards.Add(shard, tensors);
            Data.Add(began);
        }

        return tensors;
    }

    private void ForgetShards()
    {
        foreach (var tensors in _shards.Values)
        {
            tensors.Dispose();
        }

        _shards.Clear();
    }
}
