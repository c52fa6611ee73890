using DivCo.Training.Objectives;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Paired;

/// <summary>What the discriminators say, as terms of their own loss and of the generator's, each of which takes the other side as it is.</summary>
internal sealed class Judgement(Networks networks, AdversarialLoss adversarial)
{
    /// <summary>BicycleGAN: D on images with encoded latents against their targets, D2 on images with random latents against targets of other pairs.</summary>
    /// <param name="judged">Images with random latents.</param>
    /// <param name="otherTargets">Of other pairs.</param>
    public void AddOfTwo(ShardImages images, Tensor judged, Tensor otherTargets, ShardSums sums)
    {
        Add(networks.Discriminator, networks.DiscriminatorParameters, images.Encoded!, images.Targets, (Quantity.EncodedCost, Quantity.Real, Quantity.Fake), sums);
        Add(
            networks.RandomDiscriminator!,
            networks.RandomDiscriminatorParameters!,
            judged,
            otherTargets,
            (Quantity.RandomCost, Quantity.OtherReal, Quantity.RandomFake),
            sums);
    }

    /// <summary>Pix2pix: one discriminator that sees the condition beside the image.</summary>
    /// <param name="judged">[blocks * samples, C, H, W].</param>
    public void AddOfOne(ShardImages images, Tensor judged, ShardSums sums) => Add(
        networks.Discriminator,
        networks.DiscriminatorParameters,
        cat([images.Inputs.repeat(judged.shape[0] / images.Inputs.shape[0], 1, 1, 1), judged], 1),
        cat([images.Inputs, images.Targets], 1),
        (Quantity.EncodedCost, Quantity.Real, Quantity.Fake),
        sums);

    private void Add(
        PatchDiscriminator discriminator, FlatTensors parameters, Tensor fakes, Tensor reals, (Quantity Cost, Quantity Real, Quantity Fake) terms, ShardSums sums)
    {
        sums.Add(terms.Cost, MultiScaleLoss.Sum(discriminator.Forward(parameters.Constants, fakes), adversarial.Generator), fakes.shape[0]);
        sums.Add(terms.Real, MultiScaleLoss.Sum(discriminator.Forward(parameters.Leaves, reals), adversarial.Real), reals.shape[0]);
        sums.Add(terms.Fake, MultiScaleLoss.Sum(discriminator.Forward(parameters.Leaves, fakes.detach()), adversarial.Fake), fakes.shape[0]);
    }
}
