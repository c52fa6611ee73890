using DivCo.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Rules;

/// <summary>Each field of the trial for itself.</summary>
internal static class TrialRules
{
    public static IEnumerable<Violation> Check(SweepSpec spec)
    {
        foreach (var path in ParameterPath.All)
        {
            if (ParameterPath.Get(spec.Trial, path) is not { } value)
            {
                continue;
            }

            if (spec.Parameters.ContainsKey(path))
            {
                yield return new($"trial.{path}", $"stands in trial and in parameters; keep trial.{path} to fix it, "
                    + $"or parameters.{path} to search it");
            }
            // A fixed seed may use all 64 bits.
            else if (value is not ulong && Broken(path, AsValue(value)) is { } rule)
            {
                yield return new($"trial.{path}", rule);
            }
        }
    }

    /// <summary>Why the field cannot take the value, or null.</summary>
    internal static string? Broken(string path, Value value)
    {
        var rule = TrialFields.Rules[path];
        var field = ParameterPath.Find(path)!;
        var shown = Show(value);
        return ParameterPath.Convert(field, value) is null ? $"{shown} is not {ParameterPath.TypeName(field)}; must be {rule.Allowed}"
            : rule.Holds(value) ? null
            : $"{shown} is not allowed; must be {rule.Allowed}";
    }

    internal static string Show(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => $"'{SearchRules.Shorten(value.StringValue)}'",
        Value.KindOneofCase.NumberValue => $"{value.NumberValue}",
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        Value.KindOneofCase.ListValue => "a list",
        Value.KindOneofCase.StructValue => "a mapping",
        _ => "nothing (null)",
    };

    private static Value AsValue(object value) => value switch
    {
        string text => Value.ForString(text),
        bool truth => Value.ForBool(truth),
        int number => Value.ForNumber(number),
        double number => Value.ForNumber(number),
        _ => Value.ForNull(),
    };
}
