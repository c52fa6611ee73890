using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>What needs an encoder, which pix2pix lacks, or a latent; and which encoder belongs to which task.</summary>
internal static class PairedRules
{
    private static readonly string[] _encoders = ["generator", "vae"];

    /// <param name="probes">Trials of all kinds that the search can draw.</param>
    public static IEnumerable<Violation> Check(SearchSpace space, IReadOnlyList<TrialSpec> probes)
    {
        var pix2Pix = probes.Where(IsPix2Pix).ToList();
        if (pix2Pix.Any(probe => probe.Objective == "latent_regression" || (probe.Objective != "none" && probe.LambdaZ > 0)))
        {
            yield return new(space.FieldOf("model.architecture"), "pix2pix has no encoder that could find latents again; "
                + "use bicycle_gan, or another objective and no lambda_z");
        }

        if (pix2Pix.Count > 0 && space.Texts("encoder").Contains("vae"))
        {
            yield return new(space.FieldOf("encoder"), "vae has no meaning with model.architecture: pix2pix, which has none; use generator, or bicycle_gan");
        }

        if (space.Integers("model.latent_dim").Contains(0) && probes.Any(probe => !IsPix2Pix(probe) || probe.Objective != "none"))
        {
            yield return new(space.FieldOf("model.latent_dim"), "0 leaves nothing that images could differ by; "
                + "use 1 or more, or task: paired with model.architecture: pix2pix and objective: none");
        }

        foreach (var encoder in space.Texts("encoder"))
        {
            if (probes.FirstOrDefault(probe => IsOfOtherTask(encoder, probe.Task)) is { } probe)
            {
                var own = probe.Task == Tasks.Paired ? "generator or vae" : "content or attribute";
                yield return new(space.FieldOf("encoder"), $"{encoder} does not belong to task: {probe.Task}; use {own}");
            }
        }
    }

    private static bool IsPix2Pix(TrialSpec trial) => trial.Task == Tasks.Paired && trial.Model?.Architecture == "pix2pix";

    private static bool IsOfOtherTask(string encoder, string task) =>
        TrialFields.Rules["encoder"].Holds(Google.Protobuf.WellKnownTypes.Value.ForString(encoder))
        && ((task == Tasks.Paired && !_encoders.Contains(encoder)) || (task == Tasks.Unpaired && _encoders.Contains(encoder)));
}
