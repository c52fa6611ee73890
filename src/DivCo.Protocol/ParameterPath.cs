using DivCo.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol;

/// <summary>Paths below <c>trial</c>, such as <c>tau</c> or <c>model.width</c>, resolved by the descriptors of the protocol.</summary>
public static class ParameterPath
{
    private static readonly SortedDictionary<string, FieldDescriptor[]> FieldChains = Chains();

    /// <summary>Every path that names one value, in ordinal order.</summary>
    public static IReadOnlyCollection<string> All => FieldChains.Keys;

    /// <summary>The field at the end of the path, or null where the path names none or a group of fields.</summary>
    public static FieldDescriptor? Find(string path) => FieldChains.TryGetValue(path, out var chain) ? chain[^1] : null;

    /// <summary>The value at a path, or null where the trial does not set it.</summary>
    public static object? Get(TrialSpec trial, string path)
    {
        IMessage? message = trial;
        var chain = FieldChains[path];
        foreach (var group in chain[..^1])
        {
            message = (IMessage?)group.Accessor.GetValue(message);
            if (message is null)
            {
                return null;
            }
        }

        return chain[^1].Accessor.HasValue(message) ? chain[^1].Accessor.GetValue(message) : null;
    }

    /// <summary>A copy of the trial with the values set at their paths.</summary>
    /// <exception cref="ArgumentException">A path names no field, or a value has not its type.</exception>
    public static TrialSpec With(TrialSpec trial, IEnumerable<KeyValuePair<string, Value>> parameters)
    {
        var copy = trial.Clone();
        foreach (var (path, value) in parameters)
        {
            var field = Find(path) ?? throw new ArgumentException($"{path}: the trial has no such field", nameof(parameters));
            var typed = Convert(field, value)
                ?? throw new ArgumentException($"{path}: {value} is not {TypeName(field)}", nameof(parameters));
            Set(copy, path, typed);
        }

        return copy;
    }

    /// <summary>The value in the type of the field, or null where it is not exactly one of that type.</summary>
    public static object? Convert(FieldDescriptor field, Value value) => (field.FieldType, value.KindCase) switch
    {
        (FieldType.String, Value.KindOneofCase.StringValue) => value.StringValue,
        (FieldType.Bool, Value.KindOneofCase.BoolValue) => value.BoolValue,
        (FieldType.Double, Value.KindOneofCase.NumberValue) when double.IsFinite(value.NumberValue) => value.NumberValue,
        (FieldType.Int32, Value.KindOneofCase.NumberValue) when IsWhole(value.NumberValue, int.MinValue, int.MaxValue)
            => (int)value.NumberValue,
        (FieldType.UInt64, Value.KindOneofCase.NumberValue) when IsWhole(value.NumberValue, 0, MaxExactInteger)
            => (ulong)value.NumberValue,
        _ => null,
    };

    /// <summary>How a person calls the type of the field, with its article.</summary>
    public static string TypeName(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "a text",
        FieldType.Bool => "true or false",
        FieldType.Double => "a number",
        FieldType.UInt64 => "a whole number that is not negative (at most 2^53 where it is searched)",
        _ => "a whole number",
    };

    /// <summary>2^53: up to here a double, which carries drawn values, holds every integer.</summary>
    internal const double MaxExactInteger = 9007199254740992;

    internal static void Set(TrialSpec trial, string path, object value)
    {
        IMessage message = trial;
        var chain = FieldChains[path];
        foreach (var group in chain[..^1])
        {
            if (group.Accessor.GetValue(message) is not IMessage child)
            {
                child = group.MessageType.Parser.ParseFrom(ByteString.Empty);
                group.Accessor.SetValue(message, child);
            }

            message = child;
        }

        chain[^1].Accessor.SetValue(message, value);
    }

    /// <summary>Makes the field absent.</summary>
    internal static void Clear(TrialSpec trial, string path)
    {
        IMessage? message = trial;
        var chain = FieldChains[path];
        foreach (var group in chain[..^1])
        {
            message = (IMessage?)group.Accessor.GetValue(message);
            if (message is null)
            {
                return;
            }
        }

        chain[^1].Accessor.Clear(message);
    }

    private static bool IsWhole(double number, double min, double max) => number >= min && number <= max && Math.Floor(number) == number;

    private static SortedDictionary<string, FieldDescriptor[]> Chains()
    {
        var chains = new SortedDictionary<string, FieldDescriptor[]>(StringComparer.Ordinal);
        Collect(TrialSpec.Descriptor, []);
        return chains;

        void Collect(MessageDescriptor message, FieldDescriptor[] above)
        {
            foreach (var field in message.Fields.InDeclarationOrder())
            {
                FieldDescriptor[] chain = [.. above, field];
                if (field.FieldType == FieldType.Message)
                {
                    Collect(field.MessageType, chain);
                }
                else
                {
                    chains.Add(string.Join('.', chain.Select(part => part.Name)), chain);
                }
            }
        }
    }
}
