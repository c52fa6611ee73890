namespace DivCo.Cluster.Offline;

/// <summary>What was asked for cannot be done with this checkpoint or on this machine; the message says what to do.</summary>
internal class OfflineException(string message, Exception? cause = null) : Exception(message, cause);
