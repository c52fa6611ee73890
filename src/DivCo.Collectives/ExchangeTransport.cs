namespace DivCo.Collectives;

/// <summary>By what ranks of different processes reach each other: the best that is allowed here and that both ends can.</summary>
public enum ExchangeTransport
{
    /// <summary>TCP, always.</summary>
    Tcp,

    /// <summary>A Unix socket where the other process is on this host; else TCP.</summary>
    Unix,

    /// <summary>The same, and what is summed lies in shared memory: the messages only say where.</summary>
    Shm,
}
