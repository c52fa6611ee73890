using DivCo.Protocol.V1;

namespace DivCo.Protocol.Rules;

/// <summary>What the unpaired task cannot do without the attributes of images, which cycle reconstruction does not encode.</summary>
internal static class UnpairedRules
{
    /// <param name="probes">Trials of all kinds that the search can draw.</param>
    public static IEnumerable<Violation> Check(SearchSpace space, IReadOnlyList<TrialSpec> probes)
    {
        var cycles = probes.Where(probe => probe.Task == Tasks.Unpaired && probe.Reconstruction == "cycle").ToList();
        if (cycles.Any(probe => probe.Objective == "latent_regression" || (probe.Objective != "none" && probe.LambdaZ > 0)))
        {
            yield return new(space.FieldOf("reconstruction"), "cycle encodes no attributes, from which latents could be found again; "
                + "use cross_cycle, or another objective and no lambda_z");
        }

        if (cycles.Any(probe => probe.Encoder == "attribute"))
        {
            yield return new(space.FieldOf("encoder"), "attribute has no meaning with reconstruction: cycle, which encodes none; use content, or cross_cycle");
        }
    }
}
