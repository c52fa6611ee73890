namespace DivCo.Cluster.Hosting.Folder;

/// <summary>Where the embedded storage keeps its records.</summary>
internal sealed class FolderOptions
{
    /// <summary>The data folder, on a local file system, shared by all server processes of this machine.</summary>
    public string Path { get; set; } = "";

    /// <summary>The largest value one record may hold, in bytes.</summary>
    public int MaxRecordBytes { get; set; } = 16 << 20;
}
