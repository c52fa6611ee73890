namespace DivCo.Training;

/// <summary>What is added to the adversarial loss of the generator; weights of further terms may add them.</summary>
public enum Objective
{
    /// <summary>Nothing: a plain conditional GAN.</summary>
    None,

    /// <summary>The contrastive term of DivCo (Liu et al., CVPR 2021).</summary>
    DivCo,

    /// <summary>The mode-seeking term of MSGAN (Mao et al., CVPR 2019).</summary>
    ModeSeeking,

    /// <summary>Latents found again from their images, as in BicycleGAN (Zhu et al., NeurIPS 2017) and DRIT (Lee et al., ECCV 2018).</summary>
    LatentRegression,
}

/// <summary>The form of the adversarial loss.</summary>
public enum AdversarialForm
{
    /// <summary>Binary cross entropy from logits; the generator's is non-saturating (Goodfellow et al., 2014).</summary>
    Bce,

    /// <summary>Hinge loss (Lim and Ye, 2017).</summary>
    Hinge,

    /// <summary>Least squares to 1 for real and 0 for generated (Mao et al., ICCV 2017), without the factor 1/2.</summary>
    LeastSquares,
}

/// <summary>How terms of single queries become one loss.</summary>
public enum Reduction
{
    /// <summary>Divided by the global number of queries, so that a weight means the same at any batch or shard count.</summary>
    Mean,

    Sum,
}

/// <summary>What maps the trunk of the discriminator to a feature vector.</summary>
public enum EncoderHead
{
    /// <summary>Nothing: the flattened trunk.</summary>
    None,

    /// <summary>A convolution with random weights drawn from the trial's seed, never trained.</summary>
    Projection,
}

/// <summary>How the unpaired task holds a translation to the image that it was made from, and with that which networks it has.</summary>
public enum Reconstruction
{
    /// <summary>
    /// DRIT (Lee et al., ECCV 2018): images are found again from content and attribute, their own and those of their translations; a content
    /// discriminator keeps the domain out of the content.
    /// </summary>
    CrossCycle,

    /// <summary>A cycle (Zhu et al., ICCV 2017): the way back, with the latent 0, finds the image again. No attributes are encoded.</summary>
    Cycle,
}

/// <summary>What the unpaired task compares images by in the contrastive term; never trained by it.</summary>
public enum UnpairedEncoder
{
    /// <summary>The content encoder, pooled.</summary>
    Content,

    /// <summary>The attribute encoder's means.</summary>
    Attribute,
}

/// <summary>Which networks the paired task trains.</summary>
public enum PairedArchitecture
{
    /// <summary>A generator, an encoder of targets, and two discriminators of images (Zhu et al., NeurIPS 2017).</summary>
    BicycleGan,

    /// <summary>A generator and one discriminator of conditions with their images (Isola et al., CVPR 2017); deterministic where the latent has no elements.</summary>
    Pix2Pix,
}

/// <summary>What the paired task compares images by in the contrastive term; never trained by it.</summary>
public enum PairedEncoder
{
    /// <summary>The generator's own way down, with the latent 0.</summary>
    Generator,

    /// <summary>The mean of the encoder of targets.</summary>
    Vae,
}

/// <summary>Normalisation between convolutions.</summary>
public enum Norm
{
    None,
    Batch,
    Instance,
}

/// <summary>What a rank keeps in memory between the forward and the backward of its shards. It decides time and memory, never bits.</summary>
public enum ActivationMemory
{
    /// <summary>The graphs of all its shards.</summary>
    AllShards,

    /// <summary>The graph of one shard: each is computed again for its backward, once the gradient of the loss with respect to its outputs is known.</summary>
    OneShard,
}
