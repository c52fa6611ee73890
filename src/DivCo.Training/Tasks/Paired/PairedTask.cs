using DivCo.Collectives;
using DivCo.Training.Data;
using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>Images from an image of the same layout and a latent, learnt from pairs: BicycleGAN with DivCo's contrastive term, the second task of DivCo (Liu et al., CVPR 2021), and pix2pix.</summary>
internal sealed class PairedTask : GanTask
{
    public const string Name = "paired";

    /// <summary>Discriminators, encoder and generator at once.</summary>
    public const int UpdatesPerStep = 1;

    private readonly TrainingConfig _config;
    private readonly ImagePairs _pairs;
    private readonly Networks _networks;
    private readonly ShardBatch _batch;
    private readonly ContrastiveLoss? _contrastive;

    /// <exception cref="TrainingConfigException">The config does not fit the data set.</exception>
    public PairedTask(TrainingConfig config, ImagePairs pairs)
    {
        var terms = DiversityTerms.Of(config);
        Check(config, terms, pairs);
        (_config, _pairs) = (config, pairs);
        Grid = new ShardGrid(config.DataShards, config.NegativeShards);
        _contrastive = terms.Contrasts ? new ContrastiveLoss(config.Negatives, config.Tau) : null;
        _networks = new Networks(config, pairs.InputChannels);
        _batch = new ShardBatch(config, _networks, pairs, terms, Grid, Data);
        Updates = [new PairedUpdate(config, _networks, _batch, terms, _contrastive)];
    }

    public override ShardGrid Grid { get; }

    public override IReadOnlyList<GanUpdate> Updates { get; }

    public override IReadOnlyList<FlatTensors> State => _networks.State;

    /// <summary>The inputs of the data set.</summary>
    public override int Conditions => _pairs.Count;

    public override int LatentDim => _config.Model.LatentDim;

    public override void Begin(int step) => _batch.Step = step;

    public override void Release(int shard)
    {
        // Nothing is kept: one update makes all of a shard and is done with it.
    }

    /// <summary>In grey where the input is grey and images are not, and the other way round.</summary>
    public override Tensor ConditionImage(int condition)
    {
        using var scope = NewDisposeScope();
        var input = Input(condition);
        var image = input.shape[1] == _pairs.Channels ? input
            : _pairs.Channels == 1 ? input.mean([1], keepdim: true)
            : input.expand(1, _pairs.Channels, input.shape[2], input.shape[3]);
        return image[0].contiguous().MoveToOuterDisposeScope();
    }

    public override Tensor Generate(IReadOnlyList<FlatTensors> state, int condition, Tensor latents)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var parameters = state.Single(tensors => tensors.Layout == _networks.Generator.Parameters);
        return _networks.Generator.Forward(parameters.Constants, Input(condition).repeat(latents.shape[0], 1, 1, 1), latents).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        _contrastive?.Dispose();
        _networks.Dispose();
    }

    private static void Check(TrainingConfig config, DiversityTerms terms, ImagePairs pairs)
    {
        var hasEncoder = config.Paired!.Architecture != PairedArchitecture.Pix2Pix;
        if (!hasEncoder && (terms.RegressesLatents || (terms.Contrasts && config.Paired.Encoder == PairedEncoder.Vae)))
        {
            throw new TrainingConfigException("trial.model.architecture: pix2pix has no encoder that could find latents in images; use bicycle_gan.");
        }

        if (pairs.ImageSize != config.Model.ImageSize || pairs.Channels != config.Model.Channels)
        {
            throw new TrainingConfigException(
                $"trial.model: image_size {config.Model.ImageSize} and channels {config.Model.Channels} do not fit data set {pairs.Name}, "
                + $"opened with {pairs.ImageSize} and {pairs.Channels}; set both alike.");
        }

        if (terms.Contrasts && config.Paired.Encoder == PairedEncoder.Generator && pairs.InputChannels != pairs.Channels)
        {
            throw new TrainingConfigException(
                $"trial.encoder: generator reads images by the layers that read conditions, but in {pairs.Name} a condition has {pairs.InputChannels} "
                + $"channels and an image {pairs.Channels}; use encoder: vae.");
        }
    }

    /// <returns>[1, input channels, H, W].</returns>
    private Tensor Input(int condition)
    {
        var input = empty([1, _pairs.InputChannels, _pairs.ImageSize, _pairs.ImageSize], float32);
        var target = new float[_pairs.ImageLength];
        _pairs.CopyPair(condition, Augmentation.None, TensorMemory.Floats(input), target);
        return input;
    }
}
