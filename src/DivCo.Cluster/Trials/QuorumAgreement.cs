using DivCo.Cluster.Devices;

namespace DivCo.Cluster.Trials;

/// <summary>A halted worker and what it promised to hold.</summary>
internal readonly record struct HaltedWorker(Device Device, QuorumReport Report);

/// <summary>
/// Workers that committed the same update of the same epoch must hold the same bits. Where they do not, a device or a kernel is at
/// fault: the odd ones out become joiners; where there is no majority, none of them is trusted.
/// </summary>
internal static class QuorumAgreement
{
    /// <returns>Those who hold a state that nobody contradicts, and the evidence against the others (empty: none).</returns>
    public static (IReadOnlyList<HaltedWorker> Trusted, string Evidence) Judge(IReadOnlyList<HaltedWorker> halted)
    {
        List<HaltedWorker> trusted = [];
        var evidence = "";
        foreach (var level in halted.Where(worker => worker.Report.Commit is not null)
            .GroupBy(worker => (worker.Report.Commit!.Epoch, worker.Report.Commit.Updates)))
        {
            var states = level.GroupBy(worker => worker.Report.Commit!.Sha256)
                .OrderByDescending(state => state.Count()).ThenBy(state => state.Key, StringComparer.Ordinal).ToList();
            if (states.Count == 1)
            {
                trusted.AddRange(level);
                continue;
            }

            var majority = 2 * states[0].Count() > level.Count();
            trusted.AddRange(majority ? states[0] : []);
            var odd = majority ? states.Skip(1) : states;
            evidence += $"; the states of update {level.Key.Updates} of epoch {level.Key.Epoch} differ: "
                + string.Join(", ", states.SelectMany(state => state.Select(worker => $"{worker.Device.Id} has {Short(state.Key)}")))
                + $"; discarded: {string.Join(", ", odd.SelectMany(state => state.Select(worker => worker.Device.Id)))}"
                + (majority ? "" : ", for there is no majority");
        }

        return (trusted, evidence);
    }

    private static string Short(string sha256) => sha256.Length > 12 ? sha256[..12] : sha256;
}
