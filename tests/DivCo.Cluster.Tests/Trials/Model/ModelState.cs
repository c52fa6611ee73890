using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>The whole system at one moment: record, activations, messages, workers, and what the invariants remember.</summary>
internal sealed class ModelState
{
    public required QuorumState Record { get; set; }

    public int Version { get; set; }

    public QuorumSource Checkpoint { get; set; } = QuorumSource.Beginning;

    public ulong Durable { get; set; }

    public required ModelActivation?[] Activations { get; set; }

    public required ModelWorker[] Workers { get; set; }

    public int Leased { get; set; }

    /// <summary>Everything that was ever sent: it may arrive at any time, any number of times, or never.</summary>
    public SentMessage[] Messages { get; set; } = [];

    /// <summary>By epoch and worker: how many updates it has sent its gradients for. They may arrive after its death.</summary>
    public byte[] Contributed { get; set; } = [];

    /// <summary>By epoch: what the first member started from.</summary>
    public (ulong Holds, int Updates, int Members)?[] Started { get; set; } = [];

    public int Crashes { get; set; }

    public int Failures { get; set; }

    public int Drains { get; set; }

    public int ActivationFaults { get; set; }

    public int Disputes { get; set; }

    /// <summary>By epoch: the update that its audit found wrong, and whose fault that is.</summary>
    public (int Update, int Outvoted)?[] Verdicts { get; set; } = [];

    /// <summary>Devices of which a record says that they are outvoted, one bit each.</summary>
    public int Convicted { get; set; }

    /// <summary>The invariant that does not hold here.</summary>
    public string? Violation { get; set; }

    public ModelState Copy()
    {
        var copy = (ModelState)MemberwiseClone();
        copy.Activations = [.. Activations];
        copy.Workers = [.. Workers];
        return copy;
    }

    public (int Update, int Outvoted)? VerdictOf(uint epoch) => epoch < Verdicts.Length ? Verdicts[epoch] : null;

    public void Judge(uint epoch, int update, int outvoted)
    {
        var next = new (int, int)?[Math.Max(Verdicts.Length, (int)epoch + 1)];
        Verdicts.CopyTo(next, 0);
        next[epoch] = (update, outvoted);
        Verdicts = next;
        Disputes--;
    }

    public int ContributedBy(uint epoch, int worker)
    {
        var at = (int)epoch * Workers.Length + worker;
        return at < Contributed.Length ? Contributed[at] : 0;
    }

    public void Contribute(uint epoch, int worker, int updates)
    {
        var at = (int)epoch * Workers.Length + worker;
        var next = new byte[Math.Max(Contributed.Length, ((int)epoch + 1) * Workers.Length)];
        Contributed.CopyTo(next, 0);
        next[at] = (byte)Math.Max(next[at], updates);
        Contributed = next;
    }
}

/// <summary>A command on its way.</summary>
/// <param name="Key">The same for a message that was sent again.</param>
internal readonly record struct SentMessage(QuorumCommand Command, ulong Key);

/// <summary>An activation of the trial's grain: the record as it read or wrote it, and what it heard.</summary>
/// <param name="Incarnations">Of the devices, as it knows them.</param>
/// <param name="Older">Reports that newer ones have replaced; a late one may arrive again.</param>
internal sealed record ModelActivation(
    QuorumState State, int Version, QuorumReport?[] Reports, QuorumReport?[] Older, int[] Incarnations);
