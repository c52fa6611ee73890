using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cli.Spec;

/// <summary>Scalars of YAML 1.2 (core schema, decimal) as values of protobuf fields. Nothing is guessed: yes is no truth value, '1' no number.</summary>
internal static partial class YamlValue
{
    /// <summary>The value for a field, or null and what the field needs.</summary>
    public static object? For(FieldDescriptor field, YamlTree tree, out string needs)
    {
        (needs, object? value) = field.FieldType switch
        {
            FieldType.String => ("a text", tree is YamlTree.Scalar text && !(text.Plain && IsTyped(text.Text)) ? text.Text : (object?)null),
            FieldType.Bool => ("true or false", Plain(tree) is { } plain ? (object?)Truth(plain) : null),
            FieldType.Double => ("a finite number", Plain(tree) is { } plain ? (object?)Number(plain) : null),
            FieldType.Int32 => ("a whole number", Plain(tree) is { } plain && IsInteger(plain) && int.TryParse(plain, out var number) ? number : (object?)null),
            FieldType.UInt64 => ("a whole number from 0 to 2^64 - 1",
                Plain(tree) is { } plain && IsInteger(plain) && ulong.TryParse(plain, out var number) ? number : (object?)null),
            _ => throw new NotSupportedException($"{field.FullName}: no scalar type of a sweep file"),
        };
        needs += Hint(field.FieldType, tree);
        return value;
    }

    /// <summary>A value to be drawn: a number, text or truth value; null and the reason where it is none.</summary>
    public static Value? Drawn(YamlTree tree, out string reason)
    {
        reason = $"{tree.Kind} cannot be drawn; list numbers, texts, true or false";
        if (tree is not YamlTree.Scalar scalar)
        {
            return null;
        }

        if (!scalar.Plain || !IsTyped(scalar.Text))
        {
            return Value.ForString(scalar.Text);
        }

        if (Truth(scalar.Text) is bool truth)
        {
            return Value.ForBool(truth);
        }

        if (Number(scalar.Text) is not double number)
        {
            return null;
        }

        var inexact = IsInteger(scalar.Text) && Math.Abs(number) >= 9007199254740992;
        reason = $"{scalar.Kind} is not below 2^53, up to which drawn integers are exact";
        return inexact ? null : Value.ForNumber(number);
    }

    private static string? Plain(YamlTree tree) => tree is YamlTree.Scalar { Plain: true } scalar ? scalar.Text : null;

    private static bool? Truth(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    private static double? Number(string text) =>
        NumberPattern().IsMatch(text) && double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : null;

    private static bool IsInteger(string text) => IntegerPattern().IsMatch(text);

    /// <summary>Whether the plain text is something else than a text to YAML.</summary>
    private static bool IsTyped(string text) =>
        text is "" or "~" or "null" or "Null" or "NULL" || Truth(text) is not null || NumberPattern().IsMatch(text) || SpecialNumberPattern().IsMatch(text);

    private static string Hint(FieldType type, YamlTree tree) => (type, tree) switch
    {
        (FieldType.String, YamlTree.Scalar { Plain: true, Text: not "" }) => " (write it in quotes if it is meant)",
        (FieldType.Bool, YamlTree.Scalar { Text: "yes" or "no" or "on" or "off" }) => " (YAML 1.2 has no yes and no)",
        (not FieldType.String, YamlTree.Scalar { Plain: false }) => " (without quotes)",
        _ => "",
    };

    [GeneratedRegex(@"\A[-+]?[0-9]{1,30}\z")]
    private static partial Regex IntegerPattern();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,5})?\z")]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex SpecialNumberPattern();
}
