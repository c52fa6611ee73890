using System.Text.Json;
using DivCo.Protocol;

namespace DivCo.Cluster.Hosting.Settings;

/// <summary>Settles where each setting comes from: what is typed, else the environment, else the file, else the default.</summary>
internal static class SettingSources
{
    /// <param name="typed">By name.</param>
    /// <param name="environment">By variable; empty ones count as not set.</param>
    /// <param name="file">Name and text of the file that <c>--config</c> names: one JSON object; null: none.</param>
    /// <returns>All settings, and all errors of the file.</returns>
    public static (SettingValues Values, IReadOnlyList<string> Errors) Resolve(
        IReadOnlyList<Setting> settings, IReadOnlyDictionary<string, string> typed, Func<string, string?> environment, (string Name, string Text)? file)
    {
        List<string> errors = [];
        var inFile = file is { } config ? Read(settings, config.Name, config.Text, errors) : [];
        return (new SettingValues(settings.Select(setting =>
            typed.TryGetValue(setting.Name, out var text) ? new SettingValue(setting, text, setting.Flag)
            : environment(setting.Variable) is { Length: > 0 } variable ? new SettingValue(setting, variable, setting.Variable)
            : inFile.TryGetValue(setting.Key, out var value) ? new SettingValue(setting, value, $"{file!.Value.Name}: {setting.Key}")
            : new SettingValue(setting, setting.Default, SettingValue.Default))), errors);
    }

    private static Dictionary<string, string> Read(IReadOnlyList<Setting> settings, string name, string text, List<string> errors)
    {
        Dictionary<string, string> values = [];
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add($"{name}: must be one JSON object, such as {{\"devices\": \"cpu:2\"}}");
                return values;
            }

            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (settings.All(setting => setting.Key != member.Name))
                {
                    errors.Add($"{name}: {member.Name} is no setting{(NearestKey.Of(member.Name, [.. settings.Select(setting => setting.Key)]) is { } near ? $"; did you mean {near}?" : "")}");
                }
                else if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
                {
                    errors.Add($"{name}: {member.Name} must be a text, a number, true or false");
                }
                else if (!values.TryAdd(member.Name, member.Value.ToString().ToLowerInvariant() is "true" or "false" ? member.Value.ToString().ToLowerInvariant() : member.Value.ToString()))
                {
                    errors.Add($"{name}: {member.Name} stands there twice");
                }
            }
        }
        catch (JsonException e)
        {
            errors.Add($"{name}: is no JSON ({e.Message})");
        }

        return values;
    }
}
