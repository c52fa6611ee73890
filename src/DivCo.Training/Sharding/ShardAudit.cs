using System.Security.Cryptography;
using DivCo.Collectives;
using DivCo.Training.Tasks;

namespace DivCo.Training.Sharding;

/// <summary>
/// The audit of one update before it is committed: drawn shards are computed by a second rank, and a part of each sum is summed by one.
/// Whoever computed sends a hash to all ranks, so all reach one verdict.
/// </summary>
/// <param name="firstBucket">Numbers the first of the audit's collectives in an update.</param>
internal sealed class ShardAudit(AuditDraw draw, GanUpdate update, ShardGrid grid, Communicator communicator, SliceRows rows, int firstBucket)
{
    private int _bucket;

    /// <summary>The drawn shards of an update, in order.</summary>
    public HashSet<int> Drawn(long number) =>
        [.. Enumerable.Range(0, grid.Count).Where(shard => update.Includes(grid, shard) && draw.Draws(number, shard))];

    /// <param name="ownHashes">Of each drawn shard of this rank.</param>
    /// <param name="recompute">Computes any shard from the start and hashes it; the rows of its slice are known by then.</param>
    /// <param name="length">Elements of the buffer that shards add up.</param>
    /// <param name="sums">The sums of the update; the last one is that of the buffer, at the element given.</param>
    /// <exception cref="AuditException">Hashes differ.</exception>
    /// <exception cref="PeerLostException">A peer is gone, silent, or sent what it should not.</exception>
    public void Check(
        long number, HashSet<int> drawn, IReadOnlyDictionary<int, byte[]> ownHashes, Func<int, byte[]> recompute, int length, Func<int, IEnumerable<AuditedSum>> sums)
    {
        _bucket = firstBucket;
        Subject[] subjects =
        [
            .. drawn.Order().Select(shard => new Subject(
                $"shard {shard}", shard, null, Panel(ShardRanges.OwnerOf(grid.Count, communicator.Size, shard), draw.Turn(number, shard)))),
            .. sums(draw.Element(number, length)).Select(sum => new Subject(sum.Name, null, sum, Panel(sum.Owner, draw.Turn(number)))),
        ];

        // 1. Owner and auditor of each.
        Claim[] claims = [.. subjects.SelectMany(subject => new[] { new Claim(subject, subject.Panel.Owner, false), new Claim(subject, subject.Panel.Auditor, true) })];
        var votes = Vote(number, claims, ownHashes, recompute);
        var disputed = Enumerable.Range(0, subjects.Length).Where(i => votes[2 * i].Sha256 != votes[(2 * i) + 1].Sha256).Cast<int?>().FirstOrDefault();
        if (disputed is not { } first)
        {
            return;
        }

        // 2. They disagree: the judges of the first dispute.
        var subject = subjects[first];
        Claim[] judges = [.. subject.Panel.Judges.Select(rank => new Claim(subject, rank, true))];
        AuditVote[] all = [votes[2 * first], votes[(2 * first) + 1], .. Vote(number, judges, ownHashes, recompute)];
        var verdict = AuditVerdict.Of(all, TorchRuntime.HardwareClass);
        throw new AuditException(
            number,
            subject.Shard,
            verdict.Member,
            all,
            $"Audit of update {number}, {subject.Name}: {verdict.Reason}. Votes: {string.Join(", ", all.Select(vote => $"{vote.Member} {vote.Sha256}"))}. "
            + "Nothing of the update was committed.");
    }

    private AuditPanel Panel(int owner, ulong turn) => AuditPanel.Of(owner, communicator.Size, turn);

    /// <summary>Has every claim computed by its rank and told to all.</summary>
    private AuditVote[] Vote(long number, IReadOnlyList<Claim> claims, IReadOnlyDictionary<int, byte[]> ownHashes, Func<int, byte[]> recompute)
    {
        // 1. Auditors that hold no shard of the slice get its rows.
        var readers = claims.Where(NeedsRows).ToLookup(claim => grid.SliceOf(claim.Subject.Shard!.Value), claim => claim.Rank);
        if (readers.Count > 0)
        {
            rows.Send(Next(number), readers);
        }

        // 2. Sums first: their parts come from all ranks, and nobody should wait for one that computes a shard.
        var sums = claims.Select(claim => claim.Again ? claim.Subject.Sum?.SumAgain(Next(number), claim.Rank) : null).ToArray();
        var hashes = claims.Select((claim, i) => claim.Rank != communicator.Rank ? null : claim switch
        {
            { Subject.Sum: { } sum } => sums[i] ?? sum.Hash(),
            { Again: true } => recompute(claim.Subject.Shard!.Value),
            _ => ownHashes[claim.Subject.Shard!.Value],
        }).ToArray();

        // 3. One exchange: each rank's hashes in the order of its claims.
        var own = hashes.OfType<byte[]>().SelectMany(hash => hash).ToArray();
        var records = communicator.GatherRecords(Next(number), own, rank => claims.Count(claim => claim.Rank == rank) * SHA256.HashSizeInBytes);
        var read = new int[communicator.Size];
        return [.. claims.Select(claim => new AuditVote(
            communicator.Quorum.Members[claim.Rank],
            Convert.ToHexStringLower(records[claim.Rank], read[claim.Rank]++ * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes)))];
    }

    private bool NeedsRows(Claim claim)
    {
        if (!claim.Again || claim.Subject.Shard is not { } shard || grid.Negatives == 1 || update.RowsLength(shard) == 0)
        {
            return false;
        }

        var held = ShardRanges.Of(grid.Count, communicator.Size, claim.Rank);
        var slice = grid.Slice(grid.SliceOf(shard));
        return held.Count == 0 || held.End <= slice.Start || held.Start >= slice.End;
    }

    private Operation Next(long number) => new(number, _bucket++);

    /// <summary>What is audited: a shard or a sum.</summary>
    private sealed record Subject(string Name, int? Shard, AuditedSum? Sum, AuditPanel Panel);

    /// <param name="Again">Computed anew, not what went into the update.</param>
    private readonly record struct Claim(Subject Subject, int Rank, bool Again);
}
