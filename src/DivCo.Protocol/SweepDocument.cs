using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DivCo.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol;

/// <summary>A spec in the form that people write, so that what was run can be read, changed and run again.</summary>
public static partial class SweepDocument
{
    /// <summary>YAML: the envelope around the fields that are set, in the order of the protocol, parameters in ordinal order.</summary>
    public static string Write(SweepSpec spec)
    {
        var yaml = new StringBuilder("apiVersion: divco/v1\nkind: Sweep\nmetadata: {name: ").Append(Text(spec.Name)).Append("}\nspec:");
        var body = spec.Clone();
        body.Name = "";
        Append(yaml, body, indent: 2);
        return yaml.Append('\n').ToString();
    }

    private static void Append(StringBuilder yaml, IMessage message, int indent)
    {
        var empty = true;
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (value is IDictionary { Count: 0 } or IList { Count: 0 }
                || !field.IsRepeated && !(field.HasPresence ? field.Accessor.HasValue(message) : value is not ""))
            {
                continue;
            }

            empty = false;
            Key(field.Name);
            switch (value)
            {
                case IDictionary map:
                    foreach (var key in map.Keys.Cast<string>().Order(StringComparer.Ordinal))
                    {
                        yaml.Append('\n').Append(' ', indent + 2).Append(Text(key)).Append(':');
                        Append(yaml, (IMessage)map[key]!, indent + 4);
                    }

                    break;
                case IList list:
                    yaml.Append(" [").AppendJoin(", ", list.Cast<Value>().Select(Scalar)).Append(']');
                    break;
                case IMessage child:
                    Append(yaml, child, indent + 2);
                    break;
                default:
                    yaml.Append(' ').Append(Scalar(value));
                    break;
            }
        }

        if (empty)
        {
            yaml.Append(" {}");
        }

        void Key(string name) => yaml.Append('\n').Append(' ', indent).Append(name).Append(':');
    }

    private static string Scalar(object value) => value switch
    {
        Value { KindCase: Value.KindOneofCase.StringValue } text => Text(text.StringValue),
        Value { KindCase: Value.KindOneofCase.NumberValue } number => Scalar(number.NumberValue),
        Value { KindCase: Value.KindOneofCase.BoolValue } truth => Scalar(truth.BoolValue),
        Value => "null",
        string text => Text(text),
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };

    /// <summary>Plain where it cannot be taken for anything else, else as JSON, which YAML understands.</summary>
    private static string Text(string text) => PlainText().IsMatch(text) && text is not ("true" or "false" or "null")
        ? text
        : JsonSerializer.Serialize(text);

    [GeneratedRegex(@"\A[a-z][a-z0-9_.-]*\z")]
    private static partial Regex PlainText();
}
