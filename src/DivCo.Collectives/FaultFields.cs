namespace DivCo.Collectives;

/// <summary>The text of a scripted fault: <c>name=value,name=value</c>.</summary>
internal static class FaultFields
{
    /// <returns>Null where the text is not of that form, or names something twice.</returns>
    public static Dictionary<string, string>? Split(string text)
    {
        var fields = new Dictionary<string, string>();
        foreach (var field in text.Split(','))
        {
            var parts = field.Split('=', 2);
            if (parts.Length != 2 || !fields.TryAdd(parts[0].Trim(), parts[1].Trim()))
            {
                return null;
            }
        }

        return fields;
    }
}
