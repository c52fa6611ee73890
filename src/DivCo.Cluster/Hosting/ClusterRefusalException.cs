namespace DivCo.Cluster.Hosting;

/// <summary>The cluster does not take this server in; the message says why and how to mend it.</summary>
internal sealed class ClusterRefusalException(string message) : Exception(message);
