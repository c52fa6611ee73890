namespace DivCo.Cli.Verification;

/// <summary>A cluster of its own for some steps.</summary>
/// <param name="StopAfter">The trial stops after this step, with a checkpoint.</param>
/// <param name="KilledIn">The process of rank 0 is killed in this update (from 0; a step has one or more); null: nobody is.</param>
internal sealed record PlannedLife(int Workers, int Processes, int StopAfter, int? KilledIn = null)
{
    /// <summary>Devices of each process; the first ones hold one more where it does not come out even.</summary>
    public IEnumerable<int> Devices => Enumerable.Range(0, Processes).Select(process => (Workers / Processes) + (process < Workers % Processes ? 1 : 0));

    public override string ToString() => $"{Workers} worker{(Workers == 1 ? "" : "s")} in {Processes} process{(Processes == 1 ? "" : "es")}";
}

/// <summary>One of the runs that must come to the same bits: its lives follow on each other, each from the checkpoint of the one before.</summary>
internal sealed record PlannedRun(string Name, IReadOnlyList<PlannedLife> Lives)
{
    public PlannedLife Last => Lives[^1];

    public bool Killed => Lives.Any(life => life.KilledIn is not null);

    public bool Resumed => Lives.Count > 1;

    public override string ToString() => string.Join(", then ", Lives.Select(life => Lives.Count > 1 ? $"{life} to step {life.StopAfter}" : $"{life}"))
        + (Last.KilledIn is { } update ? $", one process killed in update {update}" : "");
}
