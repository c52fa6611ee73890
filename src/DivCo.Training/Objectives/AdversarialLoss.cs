using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>
/// Adversarial losses from the logits of a discriminator, as sums over samples in float64; divide by the global number of samples.
/// </summary>
internal sealed class AdversarialLoss(AdversarialForm form)
{
    private static readonly Scalar One = 1.0.ToScalar();

    /// <summary>What the discriminator pays for real samples: bce log(1 + exp(-x)), hinge max(0, 1 - x).</summary>
    public Tensor Real(Tensor logits) => form == AdversarialForm.Bce ? NegativeLogSigmoid(logits) : BelowMargin(logits);

    /// <summary>What the discriminator pays for generated samples: bce log(1 + exp(x)), hinge max(0, 1 + x).</summary>
    public Tensor Fake(Tensor logits) => form == AdversarialForm.Bce ? NegativeLogSigmoid(-logits) : BelowMargin(-logits);

    /// <summary>What the generator pays for its samples: bce log(1 + exp(-x)), which does not saturate; hinge -x.</summary>
    public Tensor Generator(Tensor logits) => form == AdversarialForm.Bce ? NegativeLogSigmoid(logits) : -logits.to(float64).sum();

    // libtorch computes it as min(0, x) - log(1 + exp(-|x|)): finite for every x.
    private static Tensor NegativeLogSigmoid(Tensor logits) => -logits.to(float64).log_sigmoid().sum();

    private static Tensor BelowMargin(Tensor logits) => (-logits.to(float64)).add(One, One).relu().sum();
}
