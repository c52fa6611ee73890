using System.Text;
using DivCo.Protocol;
using DivCo.Protocol.V1;

namespace DivCo.Cli.Spec;

/// <summary>A sweep file: an envelope (apiVersion, kind, metadata.name) around the fields of <see cref="SweepSpec"/>.</summary>
/// <param name="Spec">As written, without defaults; only to be used where there are no errors.</param>
internal sealed record SweepFile(string Path, SweepSpec Spec, IReadOnlyList<Finding> Errors, IReadOnlyList<Finding> Warnings)
{
    private const string ApiVersion = "divco/v1";
    private const string Kind = "Sweep";

    /// <summary>Reads and checks the file; every error of it at once. A file that cannot be read is an error of its first line.</summary>
    public static SweepFile Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
            var bytes = new byte[YamlReader.MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > YamlReader.MaxBytes
                ? Unreadable(path, $"is larger than {YamlReader.MaxBytes} bytes")
                : Parse(path, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            return Unreadable(path, error is DecoderFallbackException ? "is not UTF-8" : error.Message);
        }
    }

    public static SweepFile Parse(string path, string text)
    {
        var errors = new List<Finding>();
        var spec = new SweepSpec();
        if (YamlReader.Read(text, errors) is not { } tree)
        {
            return new(path, spec, errors, []);
        }

        var reader = new SpecReader(errors);
        Envelope(tree, spec, reader);
        errors.AddRange(SweepSpecRules.Check(spec)
            .Where(violation => !reader.Broken.Any(broken => Overlaps(broken, violation.Field)))
            .Select(violation => Located(violation, reader)));
        errors.Sort((a, b) => (a.Place.Line, a.Place.Column).CompareTo((b.Place.Line, b.Place.Column)));
        var warnings = errors.Count > 0 ? [] : SweepSpecRules.Warnings(spec).Select(warning => Located(warning, reader));
        return new(path, spec, errors, [.. warnings]);
    }

    private static void Envelope(YamlTree tree, SweepSpec spec, SpecReader reader)
    {
        string[] keys = ["apiVersion", "kind", "metadata", "spec"];
        if (tree is not YamlTree.Mapping root)
        {
            reader.Add(tree.Place, "", $"{tree.Kind} stands where a mapping is needed: {string.Join(", ", keys)}");
            reader.Broken.Add("name");
            return;
        }

        reader.Places[""] = tree.Place;
        foreach (var (key, _) in root.Entries.Where(entry => !keys.Contains(entry.Key.Text)))
        {
            reader.Unknown(key, "", keys);
        }

        YamlTree? Find(string key) => root.Entries.FirstOrDefault(entry => entry.Key.Text == key).Value;
        Exactly("apiVersion", ApiVersion);
        Exactly("kind", Kind);
        Name(Find("metadata"), root.Place, spec, reader);
        if (Find("spec") is { } body)
        {
            reader.Places[""] = body.Place;
            reader.Read(spec, body, "", hidden: "name");
        }
        else
        {
            reader.Add(root.Place, "spec", "is missing; it holds the sweep: parameters, limits, resources, trial, ...");
        }

        void Exactly(string key, string only)
        {
            var value = Find(key);
            if (value is not YamlTree.Scalar scalar || scalar.Text != only)
            {
                reader.Add(value?.Place ?? root.Place, key, value is null ? $"is missing; write {key}: {only}" : $"{value.Kind} is not known; must be {only}");
            }
        }
    }

    private static void Name(YamlTree? metadata, Place root, SweepSpec spec, SpecReader reader)
    {
        if (metadata is not YamlTree.Mapping mapping)
        {
            reader.Add(metadata?.Place ?? root, "metadata", "needs the name of the sweep: metadata: {name: my-sweep}");
            reader.Broken.Add("name");
            return;
        }

        foreach (var (key, _) in mapping.Entries.Where(entry => entry.Key.Text != "name"))
        {
            reader.Unknown(key, "metadata", ["name"]);
        }

        var name = mapping.Entries.FirstOrDefault(entry => entry.Key.Text == "name").Value;
        if (name is not null && YamlValue.For(SweepSpec.Descriptor.FindFieldByName("name"), name, out var needs) is string text)
        {
            spec.Name = text;
            reader.Places["name"] = name.Place;
            return;
        }

        reader.Add(name?.Place ?? mapping.Place, "metadata.name", name is null ? "is missing; metadata: {name: my-sweep}" : $"{name.Kind} is not a text");
        reader.Broken.Add("name");
    }

    /// <summary>The place of the field, or of the nearest group around it that the file has.</summary>
    private static Finding Located(Violation violation, SpecReader reader)
    {
        var field = violation.Field;
        Place place;
        while (!reader.Places.TryGetValue(field, out place) && field.Length > 0)
        {
            field = field[..Math.Max(0, field.LastIndexOfAny(['.', '[']))];
        }

        return new(place == default ? new Place(1, 1) : place, violation.Field == "name" ? "metadata.name" : violation.Field, violation.Description);
    }

    private static bool Overlaps(string a, string b) => a.Length > 0 && (IsBelow(a, b) || IsBelow(b, a));

    private static bool IsBelow(string field, string group) =>
        field.StartsWith(group, StringComparison.Ordinal) && (field.Length == group.Length || field[group.Length] is '.' or '[');

    private static SweepFile Unreadable(string path, string reason) =>
        new(path, new SweepSpec(), [new Finding(new Place(1, 1), "", reason)], []);
}
