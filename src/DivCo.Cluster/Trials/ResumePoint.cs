using DivCo.Training.Checkpoints;

namespace DivCo.Cluster.Trials;

/// <summary>Finds the newest checkpoint that is whole.</summary>
internal static class ResumePoint
{
    /// <summary>Checks the checkpoints, newest first, file by file; the note names those that are damaged.</summary>
    /// <returns>Null and a note where none is whole: the trial begins anew, and comes to the same weights.</returns>
    public static async Task<(CheckpointEntry? From, string Note)> Find(CheckpointFolder folder, IReadOnlyList<CheckpointEntry> newestFirst, string trialHash)
    {
        var note = "";
        foreach (var entry in newestFirst)
        {
            try
            {
                await Task.Run(() => folder.Verify(entry.Path, trialHash, entry.ManifestSha256));
                return (entry, note);
            }
            catch (CheckpointException e)
            {
                note += $"; {entry.Name} is not used: {e.Message}";
            }
        }

        return (null, note);
    }
}
