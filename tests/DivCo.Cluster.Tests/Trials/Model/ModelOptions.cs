namespace DivCo.Cluster.Tests.Trials.Model;

/// <summary>One cluster to search: how many workers it begins with, what may go wrong how often, and how far it goes.</summary>
internal sealed record ModelOptions
{
    /// <summary>Members of epoch 1, which runs already.</summary>
    public int Members { get; init; } = 2;

    /// <summary>Devices that the trial is leased later.</summary>
    public int Joiners { get; init; }

    public int Min { get; init; } = 1;

    /// <summary>The trial ends after this many updates.</summary>
    public int Updates { get; init; } = 3;

    /// <summary>Decisions that would begin a later epoch are not followed.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Worker processes that die and come back with nothing.</summary>
    public int Crashes { get; init; } = 1;

    /// <summary>Device threads that throw.</summary>
    public int Failures { get; init; }

    public int Drains { get; init; }

    /// <summary>Updates of which an audit finds that a member computed other bits.</summary>
    public int Disputes { get; init; }

    /// <summary>Times that an activation of the trial dies, or a second one begins beside it.</summary>
    public int Activations { get; init; } = 1;

    /// <summary>
    /// True: the bits of an update depend on the epoch that computed it, as on devices that are not deterministic. The protocol must not
    /// need determinism to keep one history.
    /// </summary>
    public bool BitsDependOnEpoch { get; init; } = true;

    /// <summary>True: an answer may also arrive after a newer one of the same worker.</summary>
    public bool LateReports { get; init; }

    public Mutation Mutation { get; init; }

    public int Workers => Members + Joiners;
}

/// <summary>Plausible simpler protocols; the search must find where each of them breaks.</summary>
internal enum Mutation
{
    None,

    /// <summary>A worker answers Halt at once, while its thread may still commit.</summary>
    AnswersBeforeTheThreadLeft,

    /// <summary>A laggard receives into the only buffer it has, and takes a stream that breaks off for the old state.</summary>
    CopiesInPlace,

    /// <summary>An interrupted step is begun again with its first update.</summary>
    RedoesTheStep,

    /// <summary>The trial sends before it writes.</summary>
    SendsBeforeItWrites,

    /// <summary>The state of the first that answered is good enough.</summary>
    TakesAnySource,

    /// <summary>Any survivor, however far behind, is preferred to a checkpoint.</summary>
    SurvivorsBeatCheckpoints,

    /// <summary>Workers obey older epochs than they promised to.</summary>
    BreaksItsPromise,

    /// <summary>A worker that halts for the next epoch no longer says what an audit found in the last.</summary>
    ForgetsTheVerdict,

    /// <summary>The furthest is the one with the highest count, of whichever epoch.</summary>
    ComparesCountsOnly,
}
