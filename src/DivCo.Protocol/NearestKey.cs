namespace DivCo.Protocol;

/// <summary>Finds what a person probably meant by a key that is not known.</summary>
public static class NearestKey
{
    /// <summary>
    /// The known key with the smallest edit distance (insertions, deletions, substitutions, swapped neighbours), or null
    /// where none is near: more than a third of the letters differ. The last part of a path finds the path: lr, optimizer.lr.
    /// </summary>
    public static string? Of(string key, IEnumerable<string> known)
    {
        const int MaxLength = 100;
        string? nearest = null;
        var best = int.MaxValue;
        foreach (var candidate in known.Order(StringComparer.Ordinal))
        {
            if (key.Length == 0 || key.Length > MaxLength)
            {
                break;
            }

            var last = candidate[(candidate.LastIndexOf('.') + 1)..];
            var distance = Math.Min(Distance(key, candidate), Distance(key, last));
            if (distance < best && distance * 3 <= Math.Max(key.Length, 3))
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>Optimal string alignment distance, letters compared without case.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var same = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + same);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }

    private static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
}
