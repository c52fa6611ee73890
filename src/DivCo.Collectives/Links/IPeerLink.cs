namespace DivCo.Collectives.Links;

/// <summary>One rank's way to one peer. It keeps the order of messages and never blocks the sender. Disposing cuts it.</summary>
internal interface IPeerLink : IDisposable
{
    /// <summary>Of its kind, for measurements.</summary>
    string Name { get; }

    /// <summary>Whether the peer reads this rank's shared memory, as far as is known.</summary>
    bool ReadsMemory { get; }

    /// <summary>Takes over a message and one reference of its payload.</summary>
    void Send(ExchangeMessage message);

    /// <summary>
    /// Says goodbye. With an empty reason the peer first gets all that was sent; with a reason what is still here is dropped.
    /// Completes when the peer has taken it, or is gone; the caller bounds the wait.
    /// </summary>
    Task LeaveAsync(string reason);
}
