using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DivCo.Protocol.V1;

namespace DivCo.Protocol;

/// <summary>Identity of a resolved trial: what decides its weights, and nothing else.</summary>
public static class TrialHash
{
    private static readonly JsonSerializerOptions JsonText = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>SHA-256 (64 lower-case hexadecimal digits) of <see cref="CanonicalText"/>.</summary>
    public static string Of(TrialSpec resolved) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalText(resolved))));

    /// <summary>
    /// One line <c>path=value</c> for each field that is set, paths in ordinal order; numbers in their shortest exact form,
    /// texts as JSON. A field that is absent has no line, so fields added later leave the hashes of older trials as they are.
    /// </summary>
    public static string CanonicalText(TrialSpec resolved)
    {
        var text = new StringBuilder("divco.v1.TrialSpec\n");
        foreach (var path in ParameterPath.All)
        {
            if (ParameterPath.Get(resolved, path) is { } value)
            {
                text.Append(path).Append('=').Append(Canonical(value)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Canonical(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        double number => (number + 0.0).ToString("R", CultureInfo.InvariantCulture), // + 0.0: -0 and 0 are one value
        string text => JsonSerializer.Serialize(text, JsonText),
        _ => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
    };
}
