using DivCo.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>The sums that the terms of <see cref="DiversityUpdate"/> are functions of, except the contrastive one.</summary>
internal sealed class DiversitySums(TrainingConfig config, Networks networks, StepInputs inputs, DiversityTerms terms, AdversarialLoss adversarial)
{
    public const int Samples = 0;

    private const int Adversarial = 1, Cycle = 2, Found = 3, ModesA = 4, ModesB = ModesA + ModeSeekingLoss.Length;

    /// <summary>Elements of an image and of a latent.</summary>
    private readonly (int Image, int Latent) _elements = (config.Model.Channels * config.Model.ImageSize * config.Model.ImageSize, config.Model.LatentDim);

    public int Length => terms.SeeksModes ? ModesB + ModeSeekingLoss.Length : ModesA;

    /// <param name="images">Of both domains, block-major, queries first.</param>
    /// <param name="latents">Theirs.</param>
    /// <param name="judged">The block that is judged beside the queries; with mode seeking it is compared with them too.</param>
    /// <param name="back">Distances that cycle reconstruction is about.</param>
    public Tensor Of(Tensor[] images, Tensor latents, int judged, Tensor back)
    {
        var adversarialSum = Judge(Domain.A, images[0], judged).add(Judge(Domain.B, images[1], judged), Layers.One);
        var found = terms.RegressesLatents ? Find(Domain.A, images[0], latents).add(Find(Domain.B, images[1], latents), Layers.One) : zeros([], float64);
        var sums = stack([TensorMemory.Float64([inputs.Samples])[0], adversarialSum, back, found]);
        return terms.SeeksModes ? cat([sums, Modes(images[0]), Modes(images[1])]) : sums;

        Tensor Modes(Tensor rows) => ModeSeekingLoss.Statistics(Block(rows, 0), Block(rows, judged), Block(latents, 0), Block(latents, judged));
    }

    /// <summary>Of both directions together: means over samples and elements; mode seeking has a ratio for each direction.</summary>
    public IReadOnlyList<LossTerm> Terms(Tensor statistics)
    {
        var samples = statistics[Samples];
        List<LossTerm> losses = [new("loss_adv_random", 1, statistics[Adversarial] / samples)];
        if (terms.SeeksModes)
        {
            var (a, b) = (statistics.narrow(0, ModesA, ModeSeekingLoss.Length), statistics.narrow(0, ModesB, ModeSeekingLoss.Length));
            losses.Add(new("loss_ms", config.LambdaMs, ModeSeekingLoss.Of(a).add(ModeSeekingLoss.Of(b), Layers.One)));
        }

        if (terms.RegressesLatents)
        {
            using var elements = _elements.Latent.ToScalar();
            losses.Add(new("loss_latent", config.LambdaZ, statistics[Found].div(elements) / samples));
        }

        if (config.Unpaired!.Reconstruction == Reconstruction.Cycle)
        {
            using var elements = _elements.Image.ToScalar();
            losses.Add(new("loss_cycle", config.Unpaired.LambdaL1, statistics[Cycle].div(elements) / samples));
        }

        return losses;
    }

    /// <summary>What queries cost, and the latents beside them: the sum of both, each a mean over samples.</summary>
    private Tensor Judge(Domain domain, Tensor images, int judged)
    {
        var rows = cat([Block(images, 0), Block(images, judged)]);
        return MultiScaleLoss.Sum(networks.Discriminators.OnRandom(domain, networks.Judges.Constants, rows), adversarial.Generator);
    }

    /// <summary>How far the attributes of the queries' images lie from the queries.</summary>
    private Tensor Find(Domain domain, Tensor images, Tensor latents) =>
        ReconstructionLoss.Sum(AttributeEncoder.Forward(networks.Attributes!.Constants, domain, Block(images, 0)).Mean, Block(latents, 0));

    private Tensor Block(Tensor rows, int block) => rows.narrow(0, block * inputs.Samples, inputs.Samples);
}
