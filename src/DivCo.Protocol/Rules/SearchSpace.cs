using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Rules;

/// <summary>Which values each field of the trial can take: the one in <c>trial</c>, or those that the search can draw.</summary>
internal sealed class SearchSpace(SweepSpec spec)
{
    /// <summary>Enough of an integer range to find a value that breaks a rule: divisors are at most this large.</summary>
    private const int MaxEnumerated = 1_025;

    /// <summary>Where a person finds the value: <c>parameters.tau</c> if it is searched, else <c>trial.tau</c>.</summary>
    public string FieldOf(string path) => spec.Parameters.ContainsKey(path) ? $"parameters.{path}" : $"trial.{path}";

    /// <summary>The integers, a range from its lower end on; what is not an integer is left to the rules of the field itself.</summary>
    public IEnumerable<long> Integers(string path)
    {
        if (!spec.Parameters.TryGetValue(path, out var parameter))
        {
            return spec.Trial is not null && ParameterPath.Get(spec.Trial, path) is int value ? [value] : [];
        }

        if (parameter.Values.Count > 0)
        {
            return parameter.Values.Where(IsInteger).Select(listed => (long)listed.NumberValue);
        }

        return parameter.Distribution == Distributions.IntUniform && IsInteger(parameter.Min) && IsInteger(parameter.Max)
            ? Range((long)parameter.Min, (long)parameter.Max)
            : [];
    }

    /// <summary>The texts that a field can take.</summary>
    public IEnumerable<string> Texts(string path) =>
        spec.Parameters.TryGetValue(path, out var parameter)
            ? parameter.Values.Where(value => value.KindCase == Value.KindOneofCase.StringValue).Select(value => value.StringValue)
            : spec.Trial is not null && ParameterPath.Get(spec.Trial, path) is string text ? [text] : [];

    /// <summary>Of a searched field: every allowed text, the smallest and the largest of allowed numbers.</summary>
    public IEnumerable<Value> Extremes(string path)
    {
        var (parameter, rule) = (spec.Parameters[path], TrialFields.Rules[path]);
        IEnumerable<Value> values = parameter.Values.Count > 0 ? parameter.Values : [Value.ForNumber(parameter.Min), Value.ForNumber(parameter.Max)];
        var allowed = values.Where(value => ParameterPath.Convert(ParameterPath.Find(path)!, value) is not null && rule.Holds(value)).ToList();
        var numbers = allowed.Where(value => value.KindCase == Value.KindOneofCase.NumberValue).ToList();
        return numbers.Count == 0
            ? allowed.Distinct()
            : new[] { numbers.MinBy(value => value.NumberValue)!, numbers.MaxBy(value => value.NumberValue)! }.Distinct();
    }

    /// <summary>Whether the trial sets the field, or the search draws it.</summary>
    public bool IsSet(string path) =>
        spec.Parameters.ContainsKey(path) || (spec.Trial is not null && ParameterPath.Get(spec.Trial, path) is not null);

    private static IEnumerable<long> Range(long min, long max)
    {
        for (var value = min; value <= max && value - min < MaxEnumerated; value++)
        {
            yield return value;
        }
    }

    private static bool IsInteger(Value value) => value.KindCase == Value.KindOneofCase.NumberValue && IsInteger(value.NumberValue);

    private static bool IsInteger(double number) => Math.Abs(number) <= ParameterPath.MaxExactInteger && Math.Floor(number) == number;
}
