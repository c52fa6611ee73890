namespace DivCo.Cluster.Hosting.Settings;

/// <summary>What a setting is, and where that came from.</summary>
/// <param name="Text">Null: not set, and no default.</param>
/// <param name="Origin">The flag, the variable, the file and its key, or <c>default</c>.</param>
internal sealed record SettingValue(Setting Setting, string? Text, string Origin)
{
    public const string Default = "default";

    /// <summary>How an error names it: <c>--api-port 99999</c>, <c>DIVCO_SERVER_API_PORT=99999</c>, <c>server.json: api_port 99999</c>. A secret stays one.</summary>
    public string Named => Origin == Default ? $"{Setting.Flag} {Shown}" : Origin == Setting.Variable ? $"{Origin}={Shown}" : $"{Origin} {Shown}";

    /// <summary>The text, or that there is one.</summary>
    public string Shown => Text is null ? "(none)" : Setting.IsSecret ? "(secret)" : Text == "" ? "''" : Text;
}
