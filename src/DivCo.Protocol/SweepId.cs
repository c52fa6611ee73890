using System.Text.RegularExpressions;

namespace DivCo.Protocol;

/// <summary>Ids of sweeps: 1 to 63 lower-case letters, digits and hyphens, so that they are folder names and DNS labels too.</summary>
public static partial class SweepId
{
    public const string Allowed = "1 to 63 of a-z, 0-9 and -";

    /// <summary>A name leaves room for a hyphen and 6 drawn characters.</summary>
    public const int MaxNameLength = 56;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int DrawnLength = 6;

    public static bool IsValid(string? id) => id is not null && Pattern().IsMatch(id);

    /// <summary>The name, a hyphen and 6 characters taken from <paramref name="randomness"/> (uniform 64 bits).</summary>
    public static string Draw(string name, ulong randomness)
    {
        Span<char> drawn = stackalloc char[DrawnLength];
        foreach (ref var character in drawn)
        {
            (randomness, var digit) = Math.DivRem(randomness, (ulong)Alphabet.Length);
            character = Alphabet[(int)digit];
        }

        return $"{name}-{drawn}";
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex Pattern();
}
