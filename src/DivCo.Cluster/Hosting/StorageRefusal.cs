using DivCo.Cluster.Hosting.Folder;
using Orleans.Persistence.Redis;

namespace DivCo.Cluster.Hosting;

/// <summary>Tells a file system that refuses to write (full, read-only, no permission, over quota) from what is broken: it heals without us.</summary>
internal static class StorageRefusal
{
    /// <summary>What cannot be written and why, in words; null: the exception is another one.</summary>
    public static string? Of(Exception e) => e switch
    {
        // Orleans wraps what its storage throws. A record that is damaged is no refusal.
        OrleansException { InnerException: { } inner } => Of(inner),
        FolderStoreException => null,
        IOException or UnauthorizedAccessException => $"cannot write: {e.Message}",
        _ => null,
    };

    /// <summary>The Redis that keeps the records does not answer: decisions wait for it, trainings go on. A record that another activation wrote first is no such case.</summary>
    public static bool IsAway(Exception e) => e switch
    {
        OrleansException { InnerException: { } inner } => IsAway(inner),
        RedisStorageException => true,
        _ => false,
    };

    /// <summary>As a trial's reason.</summary>
    public static string Pause(string obstacle) => $"paused: {obstacle}; goes on when it can";
}
