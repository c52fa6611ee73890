using System.Security.Cryptography;
using System.Text;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>Names a record: a table of ours and a key that may come from outside (grain ids hold what users typed).</summary>
internal readonly record struct RecordKey(string Table, string Key)
{
    private const int MaxNameLength = 200;

    /// <summary>The record's folder below the store's root; no key can lead out of it, and two keys never share one.</summary>
    public string RelativePath => Path.Combine(Table, FileNameOf(Key));

    public override string ToString() => $"{Table}/{Key}";

    /// <summary>Letters, digits, '-' and '_' stay; every other UTF-8 byte is %XX, dots and slashes included; long names end in a hash.</summary>
    public static string FileNameOf(string key)
    {
        var name = new StringBuilder(key.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(key))
        {
            if (char.IsAsciiLetterOrDigit((char)unit) || unit is (byte)'-' or (byte)'_')
            {
                name.Append((char)unit);
            }
            else
            {
                name.Append('%').Append(unit.ToString("X2"));
            }
        }

        // '+' stands only here, so a shortened name never meets a name written out.
        return name.Length switch
        {
            0 => "+",
            <= MaxNameLength => name.ToString(),
            _ => $"{name.ToString(0, MaxNameLength - 65)}+{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}",
        };
    }
}
