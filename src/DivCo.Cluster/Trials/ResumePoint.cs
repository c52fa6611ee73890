using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Trials;

/// <summary>Finds the newest checkpoint that is whole; each is proven once.</summary>
internal sealed class ResumePoint(CheckpointFolder folder)
{
    private readonly Dictionary<string, string?> _faults = [];

    /// <summary>Names those that are not used, for people; empty: none.</summary>
    public string Note { get; private set; } = "";

    /// <returns>Null where none is whole: the trial begins anew, and comes to the same weights.</returns>
    public async Task<CheckpointEntry?> Find(IReadOnlyList<CheckpointEntry> newestFirst, string trialHash, string hardwareClass)
    {
        foreach (var entry in newestFirst)
        {
            if (!_faults.TryGetValue(entry.ManifestSha256, out var fault))
            {
                fault = await Task.Run(() => FaultOf(entry, trialHash, hardwareClass));
                _faults[entry.ManifestSha256] = fault;
            }

            if (fault is null)
            {
                return entry;
            }

            var note = $"; {entry.Name} is not used: {fault}";
            Note = Note.Contains(note, StringComparison.Ordinal) ? Note : Note + note;
        }

        return null;
    }

    private string? FaultOf(CheckpointEntry entry, string trialHash, string hardwareClass)
    {
        try
        {
            var manifest = folder.Verify(entry.Path, trialHash, entry.ManifestSha256);
            return manifest.HardwareClass == hardwareClass
                ? null
                : $"it was computed on {manifest.HardwareClass}, and bits are promised on one class only; these devices are {hardwareClass}";
        }
        catch (CheckpointException e)
        {
            return e.Message;
        }
    }
}
