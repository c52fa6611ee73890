using k8s.Models;

namespace DivCo.Deploy.Tests.Rendering;

/// <summary>What the API server makes of a selector.</summary>
internal static class Selectors
{
    /// <param name="selector">An empty one selects all.</param>
    public static bool Selects(this V1LabelSelector selector, IDictionary<string, string> labels) =>
        (selector.MatchLabels ?? new Dictionary<string, string>()).All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && (selector.MatchExpressions ?? []).All(wanted => wanted.OperatorProperty switch
        {
            "In" => labels.TryGetValue(wanted.Key, out var value) && wanted.Values.Contains(value),
            "NotIn" => !labels.TryGetValue(wanted.Key, out var value) || !wanted.Values.Contains(value),
            "Exists" => labels.ContainsKey(wanted.Key),
            "DoesNotExist" => !labels.ContainsKey(wanted.Key),
            _ => throw new ArgumentException($"{wanted.OperatorProperty} is no operator of a selector", nameof(selector)),
        });

    public static bool Selects(this V1Service service, Workload workload) =>
        service.Spec.Selector is { Count: > 0 } wanted && new V1LabelSelector { MatchLabels = wanted }.Selects(workload.Labels);
}
