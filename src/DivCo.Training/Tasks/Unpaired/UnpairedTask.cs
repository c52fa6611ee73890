using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// Translation between two domains of which no image has a counterpart: DRIT (Lee et al., ECCV 2018), the third task of DivCo (Liu et al.,
/// CVPR 2021). A condition is an image of either domain; its translations have its content and the latent's attribute.
/// </summary>
/// <remarks>
/// A step has the content discriminator's updates, that of the image discriminators before the last of them, then encoders and generator, then
/// generator and content encoder again on random latents. Content updates but the last are on batches of their own.
/// </remarks>
internal sealed class UnpairedTask : GanTask
{
    public const string Name = "unpaired";

    /// <summary>The content encoder's first call of a step on a domain after those of the two passes.</summary>
    private const int FirstContentCall = 3;

    private readonly TrainingConfig _config;
    private readonly ImageDomains _dataset;
    private readonly Networks _networks;
    private readonly StepInputs _inputs;
    private readonly ShardCodes _codes;
    private readonly ContrastiveLoss? _contrastive;
    private readonly Dictionary<int, FirstPass> _passes = [];
    private int _step;

    /// <param name="type">Of all tensors; null: float32. In float64 no update can be run, but its arithmetic be checked.</param>
    public UnpairedTask(TrainingConfig config, ImageDomains dataset, ScalarType? type = null)
    {
        (_config, _dataset) = (config, dataset);
        Grid = new ShardGrid(config.DataShards, config.NegativeShards);
        _networks = new Networks(config, dataset, type ?? float32);
        _inputs = new StepInputs(config, dataset, Grid, _networks);
        var terms = DiversityTerms.Of(config);
        _codes = new ShardCodes(config, terms, Grid, _networks.Type);
        _contrastive = terms.Contrast ? new ContrastiveLoss(config.Negatives, config.Tau) : null;
        var adversarial = new AdversarialLoss(config.Adversarial);
        Updates =
        [
            .. Enumerable.Range(0, ContentUpdates - 1).Select(update =>
                new ContentDiscriminatorUpdate(_networks, _inputs, shard => ContentsOf(shard, update))),
            new ImageDiscriminatorUpdate(_networks, _inputs, adversarial, PassOf, () => Batch),
            new ContentDiscriminatorUpdate(_networks, _inputs, shard => (PassOf(shard)[Domain.A].Content, PassOf(shard)[Domain.B].Content)),
            new TranslationUpdate(config, _networks, _inputs, adversarial, PassOf),
            new DiversityUpdate(config, _networks, _inputs, _codes, terms, adversarial, _contrastive, () => _step, () => Batch),
        ];
    }

    public override ShardGrid Grid { get; }

    public override IReadOnlyList<GanUpdate> Updates { get; }

    public override IReadOnlyList<FlatTensors> State => _networks.State;

    /// <summary>Images of domain A, which are translated to B, then those of domain B, which are translated to A.</summary>
    public override int Conditions => _dataset.CountA + _dataset.CountB;

    public override int LatentDim => _config.Model.LatentDim;

    private int ContentUpdates => _config.Unpaired!.ContentUpdates;

    /// <summary>The batch of the step's passes.</summary>
    private int Batch => checked(((_step + 1) * ContentUpdates) - 1);

    public override void Begin(int step)
    {
        ForgetPasses();
        _step = step;
    }

    public override void Release(int shard)
    {
        if (_passes.Remove(shard, out var pass))
        {
            pass.Dispose();
        }
    }

    public override Tensor ConditionImage(int condition)
    {
        var image = empty([_dataset.Channels, _dataset.ImageSize, _dataset.ImageSize], float32);
        if (condition < _dataset.CountA)
        {
            _dataset.CopyA(condition, Augmentation.None, TensorMemory.Floats(image));
        }
        else
        {
            _dataset.CopyB(condition - _dataset.CountA, Augmentation.None, TensorMemory.Floats(image));
        }

        return image;
    }

    public override Tensor Generate(IReadOnlyList<FlatTensors> state, int condition, Tensor latents)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (from, to) = condition < _dataset.CountA ? (Domain.A, Domain.B) : (Domain.B, Domain.A);
        var contents = state.Single(tensors => tensors.Layout == _networks.Contents.Layout).Constants;
        var generator = state.Single(tensors => tensors.Layout == _networks.Generator.Layout).Constants;
        var content = ContentEncoder.Forward(contents, from, ConditionImage(condition).unsqueeze(0));
        return Generator.Forward(generator, to, content.repeat(latents.shape[0], 1, 1, 1), latents).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        ForgetPasses();
        _contrastive?.Dispose();
        _networks.Dispose();
    }

    private FirstPass PassOf(int shard)
    {
        if (!_passes.TryGetValue(shard, out var pass))
        {
            pass = new FirstPass(_networks, _inputs, _codes, _step, Batch, _inputs.SliceOf(shard));
            _passes.Add(shard, pass);
        }

        return pass;
    }

    /// <summary>Contents, with noise, of a batch that serves nothing but an update of the content discriminator.</summary>
    private (Tensor A, Tensor B) ContentsOf(int shard, int update)
    {
        using var _ = no_grad();
        return (Content(Domain.A), Content(Domain.B));

        Tensor Content(Domain domain)
        {
            var slice = _inputs.SliceOf(shard);
            var images = _inputs.Images(domain, (_step * ContentUpdates) + update, slice);
            return ContentEncoder.Forward(_networks.Contents.Constants, domain, images)
                .add(_inputs.ContentNoise(domain, _step, FirstContentCall + update, slice), Layers.One);
        }
    }

    private void ForgetPasses()
    {
        foreach (var pass in _passes.Values)
        {
            pass.Dispose();
        }

        _passes.Clear();
    }
}
