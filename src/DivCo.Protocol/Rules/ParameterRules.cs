using DivCo.Protocol.V1;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Rules;

/// <summary>What is searched: every path names a field, and every value that can be drawn is allowed there.</summary>
internal static class ParameterRules
{
    public static IEnumerable<Violation> Check(SweepSpec spec)
    {
        if (spec.Parameters.Count > SweepLimits.MaxParameters)
        {
            return [new("parameters", $"{spec.Parameters.Count} parameters; at most {SweepLimits.MaxParameters} can be searched")];
        }

        return spec.Parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .SelectMany(parameter => Check(parameter.Key, parameter.Value, spec.Method));
    }

    private static IEnumerable<Violation> Check(string path, ParameterSpec parameter, string method)
    {
        var key = $"parameters.{SearchRules.Shorten(path)}";
        var ranged = parameter.HasDistribution || parameter.HasMin || parameter.HasMax;
        if (ParameterPath.Find(path) is not { } field)
        {
            return [new(key, UnknownPath(path))];
        }

        if (parameter.Values.Count > 0)
        {
            return ranged
                ? [new(key, "has values and a distribution; keep values: [...], or distribution, min and max")]
                : Listed(key, path, parameter.Values);
        }

        if (!ranged)
        {
            return [new(key, "says not what to search; give values: [...] with at least one value, or distribution, min and max")];
        }

        return method == SweepSpecRules.GridMethod
            ? [new(key, $"a grid needs values: [...]; list them, or use method: {SweepSpecRules.RandomMethod}")]
            : Ranged(key, path, field, parameter);
    }

    private static string UnknownPath(string path)
    {
        var below = ParameterPath.All.Where(known => known.StartsWith(path + ".", StringComparison.Ordinal)).ToList();
        if (below.Count > 0)
        {
            return $"is a group of fields; search one of {string.Join(", ", below)}";
        }

        var nearest = NearestKey.Of(path, ParameterPath.All);
        return "is no field of trial; " + (nearest is null ? $"known are {string.Join(", ", ParameterPath.All)}" : $"did you mean {nearest}?");
    }

    private static IEnumerable<Violation> Listed(string key, string path, RepeatedField<Value> values)
    {
        if (values.Count > SweepLimits.MaxValues)
        {
            yield return new($"{key}.values", $"{values.Count} values; at most {SweepLimits.MaxValues} can be listed");
            yield break;
        }

        var seen = new HashSet<Value>();
        for (var i = 0; i < values.Count; i++)
        {
            if (TrialRules.Broken(path, values[i]) is { } rule)
            {
                yield return new($"{key}.values[{i}]", rule);
            }
            else if (!seen.Add(values[i]))
            {
                yield return new($"{key}.values[{i}]", $"{TrialRules.Show(values[i])} stands twice; remove one");
            }
        }
    }

    private static IEnumerable<Violation> Ranged(string key, string path, FieldDescriptor field, ParameterSpec parameter)
    {
        if (TrialFields.Rules[path] is not FieldRule.Range)
        {
            yield return new(key, $"takes only some values, no range; give values: [...] of those that are allowed: "
                + TrialFields.Rules[path].Allowed);
            yield break;
        }

        if (!Distributions.All.Contains(parameter.Distribution))
        {
            var given = parameter.HasDistribution ? $"'{SearchRules.Shorten(parameter.Distribution)}' is unknown" : "is missing";
            yield return new($"{key}.distribution", $"{given}; must be one of {string.Join(", ", Distributions.All)}");
            yield break;
        }

        var whole = parameter.Distribution == Distributions.IntUniform;
        if (field.FieldType != FieldType.Double && !whole)
        {
            yield return new($"{key}.distribution", $"{parameter.Distribution} draws fractions, but {path} is {ParameterPath.TypeName(field)}; "
                + $"use {Distributions.IntUniform}");
        }

        var bounds = new List<Violation>();
        foreach (var (name, given, bound) in ((string, bool, double)[])[("min", parameter.HasMin, parameter.Min), ("max", parameter.HasMax, parameter.Max)])
        {
            var broken = !given ? $"is missing; {parameter.Distribution} needs min and max"
                : whole && Math.Floor(bound) != bound ? $"{bound} is not a whole number, as {Distributions.IntUniform} needs"
                : name == "min" && parameter.Distribution == Distributions.LogUniform && !(bound > 0) ? $"{bound} has no logarithm; must be above 0"
                : TrialRules.Broken(path, Value.ForNumber(bound));
            if (broken is not null)
            {
                bounds.Add(new($"{key}.{name}", broken));
            }
        }

        foreach (var bound in bounds)
        {
            yield return bound;
        }

        if (bounds.Count == 0 && parameter.Min >= parameter.Max)
        {
            yield return new($"{key}.min", $"{parameter.Min} is not below max {parameter.Max}; give min < max, or fix the value in trial.{path}");
        }
    }
}
