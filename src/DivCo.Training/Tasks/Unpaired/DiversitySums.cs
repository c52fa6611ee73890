using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>The sums that the terms of <see cref="DiversityUpdate"/> are functions of, except the contrastive one.</summary>
internal sealed class DiversitySums(
    TrainingConfig config, Networks networks, StepInputs inputs, ShardCodes codes, DiversityTerms terms, AdversarialLoss adversarial)
{
    public const int Samples = 0;
    public const int Length = 8;

    private const int Adversarial = 1, ImagesA = 2, ImagesB = 3, Latents = 4, FoundA = 5, FoundB = 6, Cycle = 7;
    private static readonly Domain[] _both = [Domain.A, Domain.B];
    private static readonly Scalar _small = 1e-5.ToScalar();

    private readonly int _pixels = config.Model.Channels * config.Model.ImageSize * config.Model.ImageSize;

    /// <param name="images">Of both domains, block-major.</param>
    /// <param name="latents">Theirs.</param>
    /// <param name="back">Distances that cycle reconstruction is about; null: there is none.</param>
    public Tensor Of(Tensor[] images, Tensor latents, Tensor? back)
    {
        var sums = new Tensor[Length];
        Array.Fill(sums, zeros([], float64));
        sums[Samples] = TensorMemory.Float64([inputs.Samples])[0];
        sums[Adversarial] = Judge(Domain.A, images[0]).add(Judge(Domain.B, images[1]), Layers.One);
        if (terms.ModeSeeking > 0)
        {
            sums[ImagesA] = Apart(images[0]);
            sums[ImagesB] = Apart(images[1]);
            sums[Latents] = Apart(latents);
        }

        if (terms.LatentRegression > 0)
        {
            sums[FoundA] = Found(Domain.A, images[0], latents);
            sums[FoundB] = Found(Domain.B, images[1], latents);
        }

        sums[Cycle] = back ?? sums[Cycle];
        return stack(sums);
    }

    /// <summary>Means over samples and elements. Mode seeking has the ratio of such means, over the whole batch, for each direction.</summary>
    public IReadOnlyList<LossTerm> Terms(Tensor statistics)
    {
        using var pixels = _pixels.ToScalar();
        using var elements = config.Model.LatentDim.ToScalar();
        var samples = statistics[Samples];
        List<LossTerm> losses = [new("loss_adv_random", 1, statistics[Adversarial] / samples)];
        if (terms.ModeSeeking > 0)
        {
            losses.Add(new("loss_ms", terms.ModeSeeking, Seeking(ImagesA).add(Seeking(ImagesB), Layers.One)));
        }

        if (terms.LatentRegression > 0)
        {
            losses.Add(new("loss_z", terms.LatentRegression, statistics[FoundA].add(statistics[FoundB], Layers.One).div(elements) / samples));
        }

        if (config.Unpaired!.Reconstruction == Reconstruction.Cycle)
        {
            losses.Add(new("loss_cycle", config.Unpaired.LambdaL1, statistics[Cycle].div(pixels) / samples));
        }

        return losses;

        Tensor Seeking(int images) => (statistics[images].div(pixels) / statistics[Latents].div(elements)).add(_small, Layers.One).reciprocal();
    }

    /// <summary>What queries cost, and the latents beside them: the sum of both, each a mean over samples.</summary>
    private Tensor Judge(Domain domain, Tensor images)
    {
        var judged = codes.JudgedBlock is { } block ? cat([Block(images, 0), Block(images, block)]) : Block(images, 0);
        return MultiScaleLoss.Sum(networks.Discriminators.OnRandom(domain, networks.Judges.Constants, judged), adversarial.Generator);
    }

    /// <summary>How far what belongs to the second codes lies from what belongs to the queries.</summary>
    private Tensor Apart(Tensor rows) => ReconstructionLoss.Sum(Block(rows, codes.SecondBlock), Block(rows, 0));

    /// <summary>How far the attributes of the queries' images lie from the queries.</summary>
    private Tensor Found(Domain domain, Tensor images, Tensor latents) =>
        ReconstructionLoss.Sum(AttributeEncoder.Forward(networks.Attributes!.Constants, domain, Block(images, 0)).Mean, Block(latents, 0));

    private Tensor Block(Tensor rows, int block) => rows.narrow(0, block * inputs.Samples, inputs.Samples);
}
