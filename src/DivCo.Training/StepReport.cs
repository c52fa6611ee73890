namespace DivCo.Training;

/// <summary>Metrics of one committed step by name (<c>loss_d</c>, <c>loss_g</c>, <c>loss_adv</c>, <c>loss_contra</c>, <c>samples_per_s</c>).</summary>
/// <param name="Step">Steps committed so far, this one included.</param>
/// <param name="Metrics">Losses are those of this step over the whole batch, the same on every worker and for any number of workers.</param>
public sealed record StepReport(int Step, IReadOnlyDictionary<string, double> Metrics);
