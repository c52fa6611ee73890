namespace DivCo.Cluster.Offline;

/// <summary>What was typed is not allowed, whatever the checkpoint and the machine; a line for each error.</summary>
internal sealed class OfflineUsageException(IEnumerable<string> errors) : OfflineException(string.Join('\n', errors))
{
    public OfflineUsageException(string error)
        : this([error])
    {
    }
}
