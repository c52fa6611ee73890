using TorchSharp;
using static TorchSharp.torch;

namespace DivCo.Training.Objectives;

/// <summary>
/// Adversarial losses from what a discriminator says, one logit an image or a map of them, as sums over all elements in float64; divide by
/// their global number. A discriminator of several scales pays for each apart.
/// </summary>
internal sealed class AdversarialLoss(AdversarialForm form)
{
    private static readonly Scalar One = 1.0.ToScalar();
    private static readonly Scalar Half = 0.5.ToScalar();

    /// <summary>What the discriminator pays for real samples: bce log(1 + exp(-x)), hinge max(0, 1 - x), least squares (x - 1)^2.</summary>
    public Tensor Real(Tensor logits) => form switch
    {
        AdversarialForm.Bce => NegativeLogSigmoid(logits),
        AdversarialForm.Hinge => BelowMargin(logits),
        _ => SquaredDistance(logits, One),
    };

    /// <summary>What the discriminator pays for generated samples: bce log(1 + exp(x)), hinge max(0, 1 + x), least squares x^2.</summary>
    public Tensor Fake(Tensor logits) => form switch
    {
        AdversarialForm.Bce => NegativeLogSigmoid(-logits),
        AdversarialForm.Hinge => BelowMargin(-logits),
        _ => Squares(logits.to(float64)),
    };

    /// <summary>What the generator pays for its samples: bce log(1 + exp(-x)), which does not saturate; hinge -x; least squares (x - 1)^2.</summary>
    public Tensor Generator(Tensor logits) => form switch
    {
        AdversarialForm.Bce => NegativeLogSigmoid(logits),
        AdversarialForm.Hinge => -logits.to(float64).sum(),
        _ => SquaredDistance(logits, One),
    };

    /// <summary>What a generator pays for what a discriminator can tell apart at all: the mean of both answers; with bce, the cross entropy to the target 1/2.</summary>
    public Tensor Undecided(Tensor logits) => Real(logits).add(Fake(logits), One).mul(Half);

    // libtorch computes it as min(0, x) - log(1 + exp(-|x|)): finite for every x.
    private static Tensor NegativeLogSigmoid(Tensor logits) => -logits.to(float64).log_sigmoid().sum();

    private static Tensor BelowMargin(Tensor logits) => (-logits.to(float64)).add(One, One).relu().sum();

    private static Tensor SquaredDistance(Tensor logits, Scalar target) => Squares(logits.to(float64).sub(target));

    private static Tensor Squares(Tensor differences) => (differences * differences).sum();
}
