using DivCo.Protocol;

namespace DivCo.Cluster.Trials;

/// <summary>What is shown of a trial's progress: the last step and losses, kept in metrics.jsonl, and the number of their last change.</summary>
internal sealed class TrialProgress
{
    private readonly TrialId _id;
    private readonly MetricsFile _file;
    private readonly TimeProvider _time;
    private LatestMetrics _latest = new();
    private uint _cutFor;

    private TrialProgress(TrialId id, MetricsFile file, TimeProvider time)
    {
        (_id, _file, _time) = (id, file, time);
        Touch();
    }

    public int Step => _latest.Step;

    public Dictionary<string, double> Latest => _latest.Values;

    /// <summary>Revisions are times, so that they grow across restarts of the grain, but never stand still.</summary>
    public long Revision { get; private set; }

    public static async Task<TrialProgress> Open(TrialId id, string path, TimeProvider time, CancellationToken cancellation)
    {
        var progress = new TrialProgress(id, new MetricsFile(path), time);
        progress._latest = await progress._file.Last(cancellation);
        return progress;
    }

    public void Touch() => Revision = Math.Max(Revision + 1, _time.GetUtcNow().ToUnixTimeMilliseconds());

    public async Task Add(uint epoch, int step, Dictionary<string, double> metrics)
    {
        await _file.Append(_id, epoch, step, metrics);
        _latest.Add(step, metrics);
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
        _latest = await _file.Last(CancellationToken.None);
        Touch();
    }
}
