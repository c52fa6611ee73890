using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DivCo.Protocol;

/// <summary>
/// A bearer token of the public API, and the line of a token file that lets it in: <c>name role sha256:hex</c>, and <c>until=time</c> where it ends. Tokens are 32 random bytes, so a plain
/// hash of them tells nothing and cannot be searched.
/// </summary>
public static class AccessToken
{
    private const int Bytes = 32;
    private const string Prefix = "divco_";
    private const string HashPrefix = "sha256:";
    private const string UntilPrefix = "until=";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    /// <summary>A token of 32 bytes that nobody can guess.</summary>
    /// <param name="randomness">32 bytes of a cryptographic source.</param>
    public static string Of(ReadOnlySpan<byte> randomness)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(randomness.Length, Bytes, nameof(randomness));
        return Prefix + Base64Url.EncodeToString(randomness);
    }

    /// <summary>What stands in a token file in place of a token: <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
    public static string Hash(string token) => HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public static bool IsHash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(HashPrefix, StringComparison.Ordinal)
            && text.Length == HashPrefix.Length + (2 * SHA256.HashSizeInBytes)
            && text.AsSpan(HashPrefix.Length).IndexOfAnyExcept(_digits) < 0;
    }

    /// <summary>The end of a token as its line says it; null where that is none.</summary>
    public static DateTimeOffset? UntilOf(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.StartsWith(UntilPrefix, StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(word.AsSpan(UntilPrefix.Length), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
            ? until : null;
    }

    /// <summary>The line of a token file.</summary>
    /// <param name="until">When it ends, to the second; null: never.</param>
    public static string Line(string name, AccessRole role, string token, DateTimeOffset? until = null) =>
        $"{name} {role.ToString().ToLowerInvariant()} {Hash(token)}"
        + (until is { } end ? $" {UntilPrefix}{end.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}" : "");
}
