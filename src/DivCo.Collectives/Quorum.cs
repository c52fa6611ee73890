using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DivCo.Collectives;

/// <summary>
/// Who takes part in a trial during one quorum epoch. A member's rank is its index in <see cref="Members"/>, so every
/// member knows everyone's rank without talking.
/// </summary>
public sealed record Quorum
{
    /// <param name="trialId">The trial.</param>
    /// <param name="epoch">The quorum epoch: grows with each change of membership.</param>
    /// <param name="members">Device ids, distinct, in ordinal order.</param>
    /// <param name="addresses">The exchange address of each member's process, in the same order.</param>
    /// <exception cref="ArgumentException">The members are not sorted and distinct, or addresses are missing or not absolute.</exception>
    public Quorum(string trialId, uint epoch, IReadOnlyList<string> members, IReadOnlyList<Uri> addresses)
    {
        ArgumentException.ThrowIfNullOrEmpty(trialId);
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(addresses);
        if (members.Count == 0 || members.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("members: a quorum has one member or more, each with an id.", nameof(members));
        }

        for (var rank = 1; rank < members.Count; rank++)
        {
            if (string.CompareOrdinal(members[rank - 1], members[rank]) >= 0)
            {
                throw new ArgumentException(
                    $"members: '{members[rank]}' follows '{members[rank - 1]}'; ids must be distinct and in ordinal order.", nameof(members));
            }
        }

        if (addresses.Count != members.Count || addresses.Any(a => a is null || !a.IsAbsoluteUri))
        {
            throw new ArgumentException(
                $"addresses: {addresses.Count} for {members.Count} members; each member needs one absolute address.", nameof(addresses));
        }

        TrialId = trialId;
        Epoch = epoch;
        Members = [.. members];
        Addresses = [.. addresses];
        Hash = ComputeHash();
    }

    public string TrialId { get; }

    public uint Epoch { get; }

    public IReadOnlyList<string> Members { get; }

    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>How many ranks.</summary>
    public int Size => Members.Count;

    /// <summary>Tells this quorum from any other: the first 8 bytes of the SHA-256 of all its fields.</summary>
    public ulong Hash { get; }

    public bool Equals(Quorum? other) => other is not null && Hash == other.Hash && Epoch == other.Epoch && TrialId == other.TrialId;

    public override int GetHashCode() => Hash.GetHashCode();

    public override string ToString() => $"quorum {Epoch} of {TrialId}";

    private ulong ComputeHash()
    {
        // No id or address holds a newline unescaped: addresses are URIs, and Uri.EscapeDataString escapes the rest.
        var text = new StringBuilder();
        text.Append(Uri.EscapeDataString(TrialId)).Append('\n').Append(Epoch).Append('\n');
        for (var rank = 0; rank < Members.Count; rank++)
        {
            text.Append(Uri.EscapeDataString(Members[rank])).Append(' ').Append(Addresses[rank].AbsoluteUri).Append('\n');
        }

        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
