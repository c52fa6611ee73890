using System.Globalization;
using System.Text.Json.Serialization;

namespace DivCo.Cluster.Hosting.Folder;

/// <summary>The membership table; Orleans' table version is in it, apart from the record's own version.</summary>
internal sealed class MembershipDocument
{
    public int Version { get; set; }

    public List<MembershipRow> Members { get; set; } = [];

    [JsonIgnore]
    public TableVersion TableVersion => new(Version, Version.ToString(CultureInfo.InvariantCulture));

    public MembershipRow? Find(SiloAddress silo) => Members.Find(row => row.Silo == silo.ToParsableString());

    /// <summary>Puts a row in, new or in place of the silo's old one, as part of the change to table version <paramref name="version"/>.</summary>
    public void Put(MembershipRow row, int version)
    {
        Members.RemoveAll(old => old.Silo == row.Silo);
        Members.Add(row with { ChangedIn = version });
        Version = version;
    }
}

internal sealed record Suspicion(string By, DateTime At);

internal sealed record MembershipRow(
    string Silo, string Name, SiloStatus Status, string Host, string? Role, int GatewayPort, DateTime StartedAt, DateTime AliveAt,
    List<Suspicion> Suspicions, int ChangedIn)
{
    [JsonIgnore]
    public SiloAddress Address => SiloAddress.FromParsableString(Silo);

    [JsonIgnore]
    public string ETag => ChangedIn.ToString(CultureInfo.InvariantCulture);

    public static MembershipRow Of(MembershipEntry entry) => new(
        entry.SiloAddress.ToParsableString(), entry.SiloName, entry.Status, entry.HostName, entry.RoleName, entry.ProxyPort,
        entry.StartTime, entry.IAmAliveTime,
        [.. (entry.SuspectTimes ?? []).Select(vote => new Suspicion(vote.Item1.ToParsableString(), vote.Item2))], 0);

    public Tuple<MembershipEntry, string> ToTuple() => Tuple.Create(
        new MembershipEntry
        {
            SiloAddress = Address,
            SiloName = Name,
            Status = Status,
            HostName = Host,
            RoleName = Role,
            ProxyPort = GatewayPort,
            StartTime = StartedAt,
            IAmAliveTime = AliveAt,
            SuspectTimes = [.. Suspicions.Select(vote => Tuple.Create(SiloAddress.FromParsableString(vote.By), vote.At))],
        },
        ETag);
}
