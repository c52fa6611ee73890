using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>The cluster's membership in one record, so that rows and table version are always read and written together.</summary>
internal sealed class FolderMembershipTable(FolderStore store, IOptions<ClusterOptions> cluster, TimeProvider time) : IMembershipTable
{
    private readonly FolderDocument<MembershipDocument> _document = new(store, new RecordKey("membership", cluster.Value.ClusterId));

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task<MembershipTableData> ReadAll() => Read(_ => true);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Read(row => row.Silo == key.ToParsableString());

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => TryChange(document =>
        document.TableVersion.VersionEtag == tableVersion.VersionEtag
        && document.Find(entry.SiloAddress) is null
        && Put(document, MembershipRow.Of(entry), tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => TryChange(document =>
        document.TableVersion.VersionEtag == tableVersion.VersionEtag
        && document.Find(entry.SiloAddress)?.ETag == etag
        && Put(document, MembershipRow.Of(entry), tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) => TryChange(document =>
    {
        // A sign of life changes neither the table's version nor the row's ETag, so it never makes a real change fail.
        var index = document.Members.FindIndex(row => row.Silo == entry.SiloAddress.ToParsableString());
        if (index < 0)
        {
            return false;
        }

        document.Members[index] = document.Members[index] with { AliveAt = entry.IAmAliveTime };
        return true;
    });

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => TryChange(document => document.Members.RemoveAll(row =>
        row.Status != SiloStatus.Active
        && row.Suspicions.Select(vote => vote.At).Append(row.AliveAt).Append(row.StartedAt).Max() < beforeDate.UtcDateTime) > 0);

    public Task DeleteMembershipTableEntries(string clusterId) => clusterId == cluster.Value.ClusterId
        ? TryChange(document =>
        {
            document.Members.Clear();
            document.Version++;
            return true;
        })
        : Task.CompletedTask;

    /// <summary>Marks the members that <paramref name="isDead"/> knows to be dead, in one change, and returns those it marked.</summary>
    public async Task<IReadOnlyList<MembershipRow>> DeclareDead(Func<MembershipRow, bool> isDead, SiloAddress by)
    {
        List<MembershipRow> dead = [];
        await TryChange(document =>
        {
            dead = document.Members.Where(row => row.Status != SiloStatus.Dead && isDead(row)).ToList();
            var version = document.Version + 1;
            var vote = new Suspicion(by.ToParsableString(), time.GetUtcNow().UtcDateTime);
            dead.ForEach(row => document.Put(row with { Status = SiloStatus.Dead, Suspicions = [.. row.Suspicions, vote] }, version));
            return dead.Count > 0;
        });
        return dead;
    }

    private static bool Put(MembershipDocument document, MembershipRow row, TableVersion version)
    {
        document.Put(row, version.Version);
        return true;
    }

    private Task<bool> TryChange(Func<MembershipDocument, bool> change) => Task.Run(() => _document.TryChange(change));

    private async Task<MembershipTableData> Read(Func<MembershipRow, bool> wanted)
    {
        var document = await Task.Run(_document.Read);
        return new MembershipTableData([.. document.Members.Where(wanted).Select(row => row.ToTuple())], document.TableVersion);
    }
}
