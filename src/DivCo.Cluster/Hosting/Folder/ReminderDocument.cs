using System.Globalization;

namespace DivCo.Cluster.Hosting.Folder;

internal sealed class ReminderDocument
{
    public long LastETag { get; set; }

    public List<ReminderRow> Rows { get; set; } = [];
}

internal sealed record ReminderRow(string Grain, string Name, DateTime StartAt, TimeSpan Period, long ETag)
{
    public static ReminderRow Of(ReminderEntry entry, long etag) =>
        new(entry.GrainId.ToString(), entry.ReminderName, entry.StartAt, entry.Period, etag);

    public bool Is(GrainId grain, string name) => Grain == grain.ToString() && Name == name;

    public ReminderEntry ToEntry() => new()
    {
        GrainId = GrainId.Parse(Grain, CultureInfo.InvariantCulture),
        ReminderName = Name,
        StartAt = StartAt,
        Period = Period,
        ETag = ETag.ToString(CultureInfo.InvariantCulture),
    };
}
