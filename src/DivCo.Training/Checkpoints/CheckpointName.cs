using System.Globalization;
using System.Text.RegularExpressions;

namespace DivCo.Training.Checkpoints;

/// <summary>Folder names of checkpoints, such as <c>step-000200-e8</c>: the steps completed and the quorum epoch that wrote it.</summary>
public static partial class CheckpointName
{
    /// <summary>The name; the step has at least six digits, so names of one epoch sort by step.</summary>
    public static string Of(int step, uint epoch) => $"step-{step:D6}-e{epoch}";

    /// <summary>Accepts exactly what <see cref="Of"/> makes: no path, no other spelling of the same numbers.</summary>
    public static bool TryParse(string name, out int step, out uint epoch)
    {
        (step, epoch) = (0, 0);
        Match match = Pattern().Match(name);
        return match.Success
            && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, null, out step)
            && uint.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, null, out epoch)
            && Of(step, epoch) == name;
    }

    [GeneratedRegex(@"\Astep-([0-9]{6,10})-e([0-9]{1,10})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
