using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Tests;

public sealed class TrialHashTests
{
    private static readonly TrialSpec Resolved = ParameterPath.With(
        Specs.Of("""
            {"trial": {"task": "class_conditional", "objective": "divco", "dataset": {"name": "fashion-mnist"}, "batch_size": 64, "negatives": 10, "steps": 2000,
             "model": {"image_size": 32, "channels": 1, "width": 32, "latent_dim": 100, "feature_dim": 128, "norm": "batch"},
             "optimizer": {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "weight_decay": 1e-4}, "shards": {"data": 4, "negatives": 1},
             "checkpoint": {"every": 200, "keep_last": 2, "keep_best": 1}, "seed": 42, "radius": 0.001, "feature_norm": true,
             "contrastive_reduction": "mean", "encoder_head": "projection", "adversarial": "bce", "report_every": 10}}
            """).Trial,
        new Dictionary<string, Value> { ["tau"] = Value.ForNumber(0.1), ["lambda_contra"] = Value.ForNumber(2.5) });

    /// <summary>A trial of today must be resumed by the release of tomorrow: this text and hash never change.</summary>
    [Fact]
    public void The_canonical_text_and_hash_are_frozen()
    {
        Assert.Equal("""
            divco.v1.TrialSpec
            adversarial="bce"
            batch_size=64
            checkpoint.every=200
            checkpoint.keep_best=1
            checkpoint.keep_last=2
            contrastive_reduction="mean"
            dataset.name="fashion-mnist"
            encoder_head="projection"
            feature_norm=true
            lambda_contra=2.5
            model.channels=1
            model.feature_dim=128
            model.image_size=32
            model.latent_dim=100
            model.norm="batch"
            model.width=32
            negatives=10
            objective="divco"
            optimizer.beta1=0.5
            optimizer.beta2=0.999
            optimizer.lr=0.0002
            optimizer.weight_decay=0.0001
            radius=0.001
            report_every=10
            seed=42
            shards.data=4
            shards.negatives=1
            steps=2000
            task="class_conditional"
            tau=0.1

            """, TrialHash.CanonicalText(Resolved));
        Assert.Equal("a4c9b75cbfe478928760a5061c825f447d6ac65bf1a6cea44c58842c4e35afa7", TrialHash.Of(Resolved));
    }

    [Fact]
    public void Every_field_counts_and_an_absent_field_is_not_its_zero()
    {
        var hashes = new HashSet<string> { TrialHash.Of(Resolved), TrialHash.Of(new TrialSpec()) };
        Assert.True(hashes.Add(TrialHash.Of(new TrialSpec { LambdaContra = 0 })));
        foreach (var path in ParameterPath.All)
        {
            var field = ParameterPath.Find(path)!;
            var other = new[] { Value.ForNumber(7), Value.ForString("seven"), Value.ForBool(false) }
                .First(value => ParameterPath.Convert(field, value) is not null);
            Assert.True(hashes.Add(TrialHash.Of(ParameterPath.With(Resolved, [new(path, other)]))), path);
        }
    }

    [Fact]
    public void Neither_the_order_of_parameters_nor_the_sign_of_zero_counts()
    {
        KeyValuePair<string, Value>[] parameters = [new("tau", Value.ForNumber(0.5)), new("model.width", Value.ForNumber(8))];
        Assert.Equal(TrialHash.Of(ParameterPath.With(Resolved, parameters)), TrialHash.Of(ParameterPath.With(Resolved, parameters.Reverse())));
        Assert.Equal(TrialHash.Of(new TrialSpec { LambdaContra = 0.0 }), TrialHash.Of(new TrialSpec { LambdaContra = -0.0 }));
    }
}
