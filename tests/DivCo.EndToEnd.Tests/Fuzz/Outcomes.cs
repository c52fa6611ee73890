using System.Collections.Concurrent;

namespace DivCo.EndToEnd.Tests.Fuzz;

/// <summary>How many requests came to which end.</summary>
internal sealed class Outcomes
{
    private readonly ConcurrentDictionary<string, int> _counts = [];

    public int Total => _counts.Values.Sum();

    public int this[string outcome] => _counts.GetValueOrDefault(outcome);

    public void Add(string outcome) => _counts.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    public override string ToString() => string.Join(", ", _counts.OrderByDescending(outcome => outcome.Value).Select(outcome => $"{outcome.Value} x {outcome.Key}"));
}
