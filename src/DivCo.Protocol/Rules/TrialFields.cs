namespace DivCo.Protocol.Rules;

/// <summary>The allowed values of every field of a trial, each for itself.</summary>
internal static class TrialFields
{
    public static readonly IReadOnlyDictionary<string, FieldRule> Rules = new Dictionary<string, FieldRule>
    {
        ["task"] = new FieldRule.Names(Tasks.ClassConditional, Tasks.Paired, Tasks.Unpaired),
        ["objective"] = new FieldRule.Names("divco", "mode_seeking", "latent_regression", "none"),
        ["dataset.name"] = new FieldRule.Names([.. DatasetNames.All]),
        ["dataset.path"] = new FieldRule.Path(),
        ["dataset.load_size"] = new FieldRule.Range(32, 1024),
        ["dataset.flip"] = new FieldRule.Truth(),
        ["model.image_size"] = new FieldRule.Numbers(32, 64, 128, 256),
        ["model.channels"] = new FieldRule.Numbers(1, 3),
        ["model.width"] = new FieldRule.Range(1, 1024),
        ["model.latent_dim"] = new FieldRule.Range(0, 4096),
        ["model.feature_dim"] = new FieldRule.Range(1, 4096),
        ["model.architecture"] = new FieldRule.Names("bicycle_gan", "pix2pix"),
        ["model.norm"] = new FieldRule.Names("batch", "instance", "none"),
        ["optimizer.lr"] = new FieldRule.Range(0, 1, AboveMin: true),
        ["optimizer.beta1"] = new FieldRule.Range(0, 1, BelowMax: true),
        ["optimizer.beta2"] = new FieldRule.Range(0, 1, BelowMax: true),
        ["optimizer.weight_decay"] = new FieldRule.Range(0, 1),
        ["optimizer.schedule"] = new FieldRule.Names("constant", "linear"),
        ["optimizer.decay_from"] = new FieldRule.Range(0, 10_000_000),
        ["batch_size"] = new FieldRule.Range(1, 8192),
        ["negatives"] = new FieldRule.Range(1, 1024),
        ["steps"] = new FieldRule.Range(1, 10_000_000),
        ["shards.data"] = new FieldRule.Range(1, 1024),
        ["shards.negatives"] = new FieldRule.Range(1, 1024),
        ["checkpoint.every"] = new FieldRule.Range(1, 10_000_000),
        ["checkpoint.keep_last"] = new FieldRule.Range(1, 1000),
        ["checkpoint.keep_best"] = new FieldRule.Range(0, 1000),
        ["seed"] = new FieldRule.Range(0, ParameterPath.MaxExactInteger),
        ["lambda_contra"] = new FieldRule.Range(0, 1_000_000),
        ["lambda_ms"] = new FieldRule.Range(0, 1_000_000),
        ["lambda_z"] = new FieldRule.Range(0, 1_000_000),
        ["extra_code"] = new FieldRule.Truth(),
        ["tau"] = new FieldRule.Range(1e-6, 1000),
        // Samplers are exact up to 3: beyond, hardly a normal negative lies outside the cube.
        ["radius"] = new FieldRule.Range(0, 3, AboveMin: true),
        ["feature_norm"] = new FieldRule.Truth(),
        ["contrastive_reduction"] = new FieldRule.Names("mean", "sum"),
        ["encoder_head"] = new FieldRule.Names("projection", "none"),
        ["encoder"] = new FieldRule.Names("generator", "vae", "content", "attribute"),
        ["lambda_l1"] = new FieldRule.Range(0, 1_000_000),
        ["lambda_kl"] = new FieldRule.Range(0, 1_000_000),
        ["reconstruction"] = new FieldRule.Names("cross_cycle", "cycle"),
        ["content_updates"] = new FieldRule.Range(1, 100),
        ["adversarial"] = new FieldRule.Names("bce", "hinge", "lsgan"),
        ["evaluation.every"] = new FieldRule.Range(1, 10_000_000),
        ["evaluation.samples"] = new FieldRule.Range(100, 50_000),
        // Fewer than the images of one call cannot be kept; more would make messages of ranks too long.
        ["evaluation.images_per_step"] = new FieldRule.Range(50, 5000),
        ["report_every"] = new FieldRule.Range(1, 1_000_000),
    };
}
