using DivCo.Protocol;

namespace DivCo.Cluster.Trials;

/// <summary>What is shown of a trial's progress: the last step and losses, kept in metrics.jsonl, and the number of their last change.</summary>
internal sealed class TrialProgress
{
    private readonly TrialId _id;
    private readonly MetricsFile _file;
    private readonly TimeProvider _time;
    private uint _cutFor;

    private TrialProgress(TrialId id, MetricsFile file, TimeProvider time)
    {
        (_id, _file, _time) = (id, file, time);
        Touch();
    }

    public int Step { get; private set; }

    public Dictionary<string, double> Latest { get; private set; } = [];

    /// <summary>Revisions are times, so that they grow across restarts of the grain, but never stand still.</summary>
    public long Revision { get; private set; }

    public static async Task<TrialProgress> Open(TrialId id, string path, TimeProvider time, CancellationToken cancellation)
    {
        var progress = new TrialProgress(id, new MetricsFile(path), time);
        (progress.Step, progress.Latest) = await progress._file.Last(cancellation);
        return progress;
    }

    public void Touch() => Revision = Math.Max(Revision + 1, _time.GetUtcNow().ToUnixTimeMilliseconds());

    public async Task Add(uint epoch, int step, Dictionary<string, double> metrics)
    {
        await _file.Append(_id, epoch, step, metrics);

        // A checkpoint is reported when it is durable, which may be after later steps: what they said stays.
        var latest = new Dictionary<string, double>(Latest);
        foreach (var (name, value) in metrics.Where(metric => step >= Step || !latest.ContainsKey(metric.Key)))
        {
            latest[name] = value;
        }

        (Step, Latest) = (Math.Max(Step, step), latest);
        Touch();
    }

    /// <summary>Drops what lies behind the state that an epoch starts from: it will be reported again. Once an epoch, before it runs.</summary>
    public async Task CutBack(QuorumState now, int updatesPerStep)
    {
        if (now.Phase != QuorumPhase.Syncing || now.Source is not { } source || _cutFor == now.Epoch)
        {
            return;
        }

        await _file.CutAfter((int)(source.Commit.Updates / updatesPerStep));
        _cutFor = now.Epoch;
        (Step, Latest) = await _file.Last(CancellationToken.None);
        Touch();
    }
}
