namespace DivCo.Collectives;

/// <summary>
/// The newest of something for each trial, of the trials that had one lately: a process trains more trials than it can remember. What is in
/// use is never forgotten. What is forgotten has ended: a stale stream of it then waits in vain, where it would have been refused.
/// </summary>
/// <param name="limit">How many trials are remembered; more only while more are in use.</param>
internal sealed class TrialMemory<T>(int limit, Func<T, bool> isInUse) where T : class
{
    // In the order in which they were set, the oldest first.
    private readonly OrderedDictionary<string, T> _newest = [];

    public int Count => _newest.Count;

    public T? Get(string trialId) => _newest.GetValueOrDefault(trialId);

    public void Set(string trialId, T newest)
    {
        _newest.Remove(trialId);
        _newest.Add(trialId, newest);
        for (var i = 0; i < _newest.Count - 1 && _newest.Count > limit;)
        {
            if (isInUse(_newest.GetAt(i).Value))
            {
                i++;
            }
            else
            {
                _newest.RemoveAt(i);
            }
        }
    }
}
