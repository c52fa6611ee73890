using System.Collections;
using DivCo.Protocol;
using DivCo.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cli.Spec;

/// <summary>Fills messages from YAML by their descriptors, so that the file's schema is the protocol's and cannot drift from it.</summary>
internal sealed class SpecReader(List<Finding> findings)
{
    /// <summary>Where each field of the spec stands, by its path (<c>trial.tau</c>); groups and lists by their key.</summary>
    public Dictionary<string, Place> Places { get; } = [];

    /// <summary>Fields that could not be read: the rules need not complain about them again.</summary>
    public List<string> Broken { get; } = [];

    /// <param name="hidden">Fields that the file gives elsewhere.</param>
    public void Read(IMessage message, YamlTree tree, string path, params string[] hidden)
    {
        if (tree is not YamlTree.Mapping mapping)
        {
            Add(tree.Place, path, $"{tree.Kind} stands where a mapping is needed: "
                + $"{string.Join(", ", message.Descriptor.Fields.InDeclarationOrder().Select(field => field.Name).Except(hidden))}");
            return;
        }

        foreach (var (key, value) in mapping.Entries)
        {
            var known = message.Descriptor.Fields.InDeclarationOrder().Where(field => !hidden.Contains(field.Name)).ToList();
            var field = known.Find(candidate => candidate.Name == key.Text);
            if (field is null)
            {
                Unknown(key, path, [.. known.Select(candidate => candidate.Name)]);
                continue;
            }

            var below = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            Places[below] = value is YamlTree.Scalar ? value.Place : key.Place;
            if (value is YamlTree.Scalar { Plain: true, Text: "" or "~" or "null" })
            {
                Add(key.Place, below, "has no value; give one, or remove the key to take the default");
                continue;
            }

            Read(message, field, value, below);
        }
    }

    public void Unknown(YamlTree.Scalar key, string path, IReadOnlyList<string> known)
    {
        var nearest = NearestKey.Of(key.Text, known);
        var name = YamlTree.Shorten(key.Text);
        Add(key.Place, path.Length == 0 ? name : $"{path}.{name}", "unknown key; "
            + (nearest is null ? $"known here: {string.Join(", ", known)}" : $"did you mean {nearest}?"));
    }

    public void Add(Place place, string field, string description)
    {
        findings.Add(new(place, field, description));
        Broken.Add(field);
    }

    private void Read(IMessage message, FieldDescriptor field, YamlTree value, string path)
    {
        if (field.IsMap)
        {
            Parameters((IDictionary<string, ParameterSpec>)field.Accessor.GetValue(message), value, path);
        }
        else if (field.IsRepeated)
        {
            Values((IList)field.Accessor.GetValue(message), value, path);
        }
        else if (field.FieldType == FieldType.Message)
        {
            var child = field.MessageType.Parser.ParseFrom(ByteString.Empty);
            Read(child, value, path);
            field.Accessor.SetValue(message, child);
        }
        else if (YamlValue.For(field, value, out var needs) is { } typed)
        {
            field.Accessor.SetValue(message, typed);
        }
        else
        {
            Add(value.Place, path, $"{value.Kind} is not {needs}");
        }
    }

    private void Parameters(IDictionary<string, ParameterSpec> parameters, YamlTree tree, string path)
    {
        if (tree is not YamlTree.Mapping mapping)
        {
            Add(tree.Place, path, $"{tree.Kind} stands where a mapping is needed: a path below trial, and what to draw for it");
            return;
        }

        foreach (var (key, value) in mapping.Entries)
        {
            var below = $"{path}.{YamlTree.Shorten(key.Text)}";
            Places[below] = key.Place;
            var parameter = new ParameterSpec();
            if (!IsWellFormed(key.Text))
            {
                Add(key.Place, below, "is no path below trial");
                continue;
            }

            Read(parameter, value, below);
            parameters[key.Text] = parameter;
        }
    }

    private void Values(IList values, YamlTree tree, string path)
    {
        if (tree is not YamlTree.Sequence sequence)
        {
            Add(tree.Place, path, $"{tree.Kind} stands where a list is needed: [...]");
            return;
        }

        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var item = sequence.Items[i];
            Places[$"{path}[{i}]"] = item.Place;
            if (YamlValue.Drawn(item, out var reason) is not { } value)
            {
                Add(item.Place, $"{path}[{i}]", reason);
                value = Value.ForNull(); // keeps the positions of the others
            }

            values.Add(value);
        }
    }

    /// <summary>Protobuf carries no lone surrogates.</summary>
    private static bool IsWellFormed(string text) => !text.Any(char.IsSurrogate);
}
