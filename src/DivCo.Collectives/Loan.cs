namespace DivCo.Collectives;

/// <summary>
/// Buffers that a rank lets its peers read while a collective runs. A collective that ends well ends after all were read: every result needs them. One that
/// fails revokes them, and whoever reads looks afterwards whether it was too late: then what it read is not used.
/// </summary>
internal sealed class Loan
{
    private readonly Lock _gate = new();
    private volatile bool _revoked;

    public bool IsRevoked
    {
        get
        {
            // What was read before this is read before the look.
            Interlocked.MemoryBarrier();
            return _revoked;
        }
    }

    /// <summary>To be called before anything is written over; waits for those who read under the loan.</summary>
    public void Revoke()
    {
        lock (_gate)
        {
            _revoked = true;
        }
    }

    /// <summary>Keeps the loan from being revoked until disposed of.</summary>
    public Lock.Scope Read() => _gate.EnterScope();
}
