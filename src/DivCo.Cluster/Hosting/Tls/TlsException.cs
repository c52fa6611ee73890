namespace DivCo.Cluster.Hosting.Tls;

/// <summary>Certificates that cannot be served with; the message names the file, what is wrong and how to mend it.</summary>
internal sealed class TlsException(string message, Exception? inner = null) : Exception(message, inner);
