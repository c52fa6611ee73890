namespace DivCo.Cluster.Hosting.Folder;

/// <summary>The newest version of a record. Version 0: never written. No value: never written, or deleted.</summary>
internal readonly record struct FolderRecord(long Version, byte[]? Value)
{
    public static readonly FolderRecord Absent = new(0, null);
}
