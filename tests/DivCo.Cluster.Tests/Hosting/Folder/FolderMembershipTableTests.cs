using System.Net;
using DivCo.Cluster.Hosting.Folder;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DivCo.Cluster.Tests.Hosting.Folder;

public sealed class FolderMembershipTableTests : IDisposable
{
    private static readonly DateTime Start = new(2026, 11, 23, 0, 0, 0, DateTimeKind.Utc);
    private readonly TemporaryFolder _folder = new();
    private readonly FolderMembershipTable _table;

    public FolderMembershipTableTests() => _table = new FolderMembershipTable(
        new FolderStore(new FolderOptions { Path = _folder.Path }), Options.Create(new ClusterOptions { ClusterId = "test" }), TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_row_and_the_version_change_together_or_not_at_all()
    {
        var empty = (await _table.ReadAll()).Version;
        Assert.True(await _table.InsertRow(Entry(1), empty.Next()));
        Assert.False(await _table.InsertRow(Entry(2), empty.Next()));
        var one = await _table.ReadAll();
        Assert.Equal(1, one.Version.Version);
        Assert.False(await _table.InsertRow(Entry(1), one.Version.Next()));

        var (row, etag) = one.Members.Single();
        row.Status = SiloStatus.Active;
        row.AddSuspector(Silo(9), Start);
        Assert.False(await _table.UpdateRow(row, "other", one.Version.Next()));
        Assert.False(await _table.UpdateRow(row, etag, empty.Next()));
        Assert.True(await _table.UpdateRow(row, etag, one.Version.Next()));
        var two = await _table.ReadRow(Silo(1));
        Assert.Equal(2, two.Version.Version);
        Assert.Equal(row.ToFullString(), two.Members.Single().Item1.ToFullString());
        Assert.Empty((await _table.ReadRow(Silo(2))).Members);
    }

    [Fact]
    public async Task A_sign_of_life_makes_no_change_fail()
    {
        await _table.InsertRow(Entry(1), (await _table.ReadAll()).Version.Next());
        var before = await _table.ReadAll();
        await _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = Silo(1), IAmAliveTime = Start.AddHours(1) });
        await _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = Silo(7), IAmAliveTime = Start });
        var after = await _table.ReadAll();
        Assert.Equal(Start.AddHours(1), after.Members.Single().Item1.IAmAliveTime);
        Assert.Equal(before.Version, after.Version);
        Assert.True(await _table.UpdateRow(Entry(1), before.Members.Single().Item2, before.Version.Next()));
    }

    [Fact]
    public async Task Only_dead_rows_of_long_ago_are_cleaned_up()
    {
        for (var silo = 1; silo <= 3; silo++)
        {
            await _table.InsertRow(Entry(silo), (await _table.ReadAll()).Version.Next());
        }

        Assert.Equal(2, (await _table.DeclareDead(row => row.Address.Generation != 1, Silo(1))).Count);
        await _table.CleanupDefunctSiloEntries(Start.AddHours(1));
        Assert.Equal(3, (await _table.ReadAll()).Members.Count);
        await _table.CleanupDefunctSiloEntries(TimeProvider.System.GetUtcNow().AddHours(1));
        Assert.Equal(1, (await _table.ReadAll()).Members.Single().Item1.SiloAddress.Generation);
    }

    private static SiloAddress Silo(int generation) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 7403), generation);

    private static MembershipEntry Entry(int generation) => new()
    {
        SiloAddress = Silo(generation),
        SiloName = $"silo-{generation}",
        HostName = "here",
        Status = SiloStatus.Active,
        ProxyPort = 7404,
        StartTime = Start,
        IAmAliveTime = Start,
        SuspectTimes = [],
    };
}
