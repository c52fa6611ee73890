namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>
/// What a worker holds, in place of weights: the list of all updates that made it, one byte each (update + 1 in the high half, the
/// epoch that computed it in the low half), newest lowest. Two histories are equal exactly where the weights would be.
/// </summary>
internal static class History
{
    public const ulong Untrained = 0;

    /// <summary>Half of one state and half of another.</summary>
    public const ulong Torn = ulong.MaxValue;

    public static ulong Append(ulong history, int update, uint epoch) =>
        history == Torn ? Torn : (history << 8) | ((ulong)(uint)(update + 1) << 4) | (epoch & 15);

    public static string Sha256(ulong history) => history.ToString("x");

    public static ulong OfSha256(string sha256) => sha256.Length == 0 ? 1 : Convert.ToUInt64(sha256, 16);

    /// <summary>Every update below the count is in it, once, in order: no sample is lost, none used twice.</summary>
    public static bool IsWhole(ulong history, long updates)
    {
        for (var update = updates; update > 0; update--, history >>= 8)
        {
            if ((long)((history >> 4) & 15) != update)
            {
                return false;
            }
        }

        return history == 0;
    }

    public static bool IsBeginningOf(ulong beginning, ulong history)
    {
        while (history != beginning && history != 0)
        {
            history >>= 8;
        }

        return history == beginning;
    }
}
