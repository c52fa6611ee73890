namespace DivCo.Cluster.Hosting.Folder;

/// <summary>The data folder cannot be used as it is; the message names the file and the reason.</summary>
internal sealed class FolderStoreException(string message, Exception? inner = null) : IOException(message, inner);
