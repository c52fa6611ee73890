using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DivCo.Protocol;

/// <summary>A trial of a sweep, written <c>&lt;sweep&gt;/&lt;index&gt;</c>; the index counts from 0.</summary>
public readonly record struct TrialId(string Sweep, int Index)
{
    /// <exception cref="FormatException">The text is not <c>&lt;sweep&gt;/&lt;index&gt;</c>.</exception>
    public static TrialId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not a trial id: write <sweep>/<index>, such as fashion-demo/0");

    /// <summary>Accepts only what <see cref="ToString"/> writes, so that an id has one spelling.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TrialId id)
    {
        id = default;
        var slash = text?.IndexOf('/') ?? -1;
        if (slash < 0 || !SweepId.IsValid(text![..slash])
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || index >= SweepLimits.MaxTrials)
        {
            return false;
        }

        id = new TrialId(text[..slash], index);
        return id.ToString() == text;
    }

    public override string ToString() => $"{Sweep}/{Index}";
}
