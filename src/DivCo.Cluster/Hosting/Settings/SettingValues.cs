namespace DivCo.Cluster.Hosting.Settings;

/// <summary>Every setting with its value and where it came from.</summary>
internal sealed class SettingValues(IEnumerable<SettingValue> values)
{
    private readonly Dictionary<Setting, SettingValue> _values = values.ToDictionary(value => value.Setting);

    public SettingValue this[Setting setting] => _values[setting];

    public string? Text(Setting setting) => _values[setting].Text;

    /// <summary>Whether it is there and not false.</summary>
    public bool IsOn(Setting setting) => _values[setting].Text is "true";

    /// <summary>A line each: flag, value, origin; secrets masked.</summary>
    public string Print()
    {
        var flags = _values.Keys.Max(setting => setting.Flag.Length);
        var shown = _values.Values.Max(value => value.Shown.Length);
        return string.Join('\n', _values.Values.Select(value => $"{value.Setting.Flag.PadRight(flags)}  {value.Shown.PadRight(shown)}  {value.Origin}"));
    }
}
