using System.Security.Cryptography;
using DivCo.Protocol.V1;

namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>What two runs must have in common to the last bit.</summary>
internal sealed record Hashes(string Weights, string State)
{
    /// <summary>Of the only trial in the answer of <c>divco run --output json</c>; the file on disk is hashed too.</summary>
    public static Hashes Of(CommandResult run)
    {
        run.MustSucceed();
        var trial = run.Json.GetProperty("trials").EnumerateArray().Single();
        var hashes = new Hashes(trial.GetProperty("weights_sha256").GetString()!, trial.GetProperty("state_sha256").GetString()!);
        MustBeOf(trial.GetProperty("checkpoint").GetString()!, hashes);
        return hashes;
    }

    /// <summary>Of the last checkpoint of the only trial.</summary>
    public static Hashes Of(Sweep sweep)
    {
        var checkpoint = sweep.Status.Trials.Single().Checkpoint;
        var hashes = new Hashes(checkpoint.WeightsSha256, checkpoint.StateSha256);
        MustBeOf(checkpoint.Path, hashes);
        return hashes;
    }

    /// <summary>What <c>sha256sum</c> says of the file is what the product says.</summary>
    private static void MustBeOf(string checkpoint, Hashes hashes) => Assert.Equal(
        hashes.Weights, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(checkpoint, "weights.safetensors")))));
}
