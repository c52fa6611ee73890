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
/// A step has the content discriminator's updates, that of the image discriminators before the last of them, then encoders and generator on images
/// with attributes, then content encoder and generator on images with random latents. With cycle reconstruction it has the second and the
/// last of these.
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
    private readonly Dictionary<int, AttributePass> _passes = [];

    /// <param name="type">Of all tensors; null: float32. In float64 no update can be run, but its arithmetic be checked.</param>
    public UnpairedTask(TrainingConfig config, ImageDomains dataset, ScalarType? type = null)
    {
        (_config, _dataset) = (config, dataset);
        Grid = new ShardGrid(config.DataShards, config.NegativeShards);
        _networks = new Networks(config, dataset, type ?? float32);
        _inputs = new StepInputs(config, dataset, Grid, _networks, Data);
        var terms = DiversityTerms.Of(config);
        _codes = new ShardCodes(config, terms, Grid, _networks.Type);
        _contrastive = terms.Contrasts ? new ContrastiveLoss(config.Negatives, config.Tau) : null;
        var adversarial = new AdversarialLoss(config.Adversarial);
        var diversity = new DiversityUpdate(config, _networks, _inputs, _codes, terms, adversarial, _contrastive);
        Updates = config.Unpaired!.Reconstruction == Reconstruction.Cycle
            ? [new ImageDiscriminatorUpdate(_networks, _inputs, adversarial, [OnRandom(Domain.A, "loss_d_a2"), OnRandom(Domain.B, "loss_d_b2")]), diversity]
            :
            [
                .. Enumerable.Range(0, config.Unpaired.ContentUpdates - 1)
                    .Select(update => new ContentDiscriminatorUpdate(_networks, _inputs, shard => ContentsOf(shard, update))),
                new ImageDiscriminatorUpdate(
                    _networks,
                    _inputs,
                    adversarial,
                    [
                        OnEncoded(Domain.A, "loss_d_a"),
                        OnEncoded(Domain.B, "loss_d_b"),
                        OnRandom(Domain.A, "loss_d_a2"),
                        OnRandom(Domain.B, "loss_d_b2"),
                    ]),
                new ContentDiscriminatorUpdate(_networks, _inputs, shard => (PassOf(shard)[Domain.A].Content, PassOf(shard)[Domain.B].Content)),
                new TranslationUpdate(config, _networks, _inputs, adversarial, PassOf),
                diversity,
            ];
    }

    /// <summary>Those of the content discriminator and three others, or with cycle reconstruction two.</summary>
    public static int UpdatesPerStep(UnpairedConfig config) => config.Reconstruction == Reconstruction.Cycle ? 2 : config.ContentUpdates + 3;

    public override ShardGrid Grid { get; }

    public override IReadOnlyList<GanUpdate> Updates { get; }

    public override IReadOnlyList<FlatTensors> State => _networks.State;

    /// <summary>Images of domain A, which are translated to B, then those of domain B, which are translated to A.</summary>
    public override int Conditions => _dataset.CountA + _dataset.CountB;

    public override int LatentDim => _config.Model.LatentDim;

    public override void Begin(int step)
    {
        ForgetPasses();
        _inputs.Step = step;
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
        var to = condition < _dataset.CountA ? Domain.B : Domain.A;
        var encoder = state.Single(tensors => tensors.Layout == _networks.Contents.Layout).Constants;
        var generator = state.Single(tensors => tensors.Layout == _networks.Generator.Layout).Constants;
        return Translation.To(to, encoder, generator, ConditionImage(condition).unsqueeze(0), noise: null, latents).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        ForgetPasses();
        _contrastive?.Dispose();
        _networks.Dispose();
    }

    private Judgement OnEncoded(Domain domain, string loss) => new(
        loss,
        (parameters, images) => _networks.Discriminators.OnEncoded(domain, parameters, images),
        shard => (PassOf(shard)[domain].Reals, PassOf(shard)[domain].Translated));

    private Judgement OnRandom(Domain domain, string loss) => new(
        loss,
        (parameters, images) => _networks.Discriminators.OnRandom(domain, parameters, images),
        shard => (_inputs.OtherImages(domain, _inputs.SliceOf(shard)), Random(domain, shard)));

    private AttributePass PassOf(int shard)
    {
        if (!_passes.TryGetValue(shard, out var pass))
        {
            pass = new AttributePass(_networks, _inputs, _codes, shard);
            _passes.Add(shard, pass);
        }

        return pass;
    }

    /// <summary>Images of a domain with random latents, as the discriminators are shown them.</summary>
    private Tensor Random(Domain domain, int shard)
    {
        if (_config.Unpaired!.Reconstruction == Reconstruction.CrossCycle)
        {
            return PassOf(shard)[domain].Random;
        }

        using var _ = no_grad();
        var (slice, other) = (_inputs.SliceOf(shard), Translation.Other(domain));
        return Translation.To(
            domain,
            _networks.Contents.Constants,
            _networks.Generator.Constants,
            _inputs.Images(other, slice),
            _inputs.ContentNoise(other, 0, slice),
            _codes.Random(_inputs.Step, shard));
    }

    /// <summary>Contents, with noise, of a batch that serves nothing but an update of the content discriminator.</summary>
    private (Tensor A, Tensor B) ContentsOf(int shard, int update)
    {
        using var _ = no_grad();
        return (Content(Domain.A), Content(Domain.B));

        Tensor Content(Domain domain)
        {
            var slice = _inputs.SliceOf(shard);
            return ContentEncoder.Forward(_networks.Contents.Constants, domain, _inputs.ContentImages(domain, update, slice))
                .add(_inputs.ContentNoise(domain, FirstContentCall + update, slice), Layers.One);
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
