namespace DivCo.Cluster.Hosting.Redis;

/// <summary>A Redis that cannot be used as it is; the message says what is wrong and how to mend it.</summary>
internal sealed class RedisException(string message, Exception? inner = null) : Exception(message, inner);
