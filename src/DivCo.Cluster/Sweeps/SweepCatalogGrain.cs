namespace DivCo.Cluster.Sweeps;

/// <summary>The ids of all sweeps (key 0).</summary>
public interface ISweepCatalogGrain : IGrainWithIntegerKey
{
    Task Add(string id);

    /// <summary>At most <paramref name="count"/> ids behind <paramref name="after"/>, in ordinal order.</summary>
    Task<IReadOnlyList<string>> List(string after, int count);
}

[GenerateSerializer]
public sealed record SweepCatalogState
{
    [Id(0)]
    public List<string> Ids { get; init; } = [];
}

internal sealed class SweepCatalogGrain([PersistentState("sweep-catalog")] IPersistentState<SweepCatalogState> record) : Grain, ISweepCatalogGrain
{
    public async Task Add(string id)
    {
        var at = record.State.Ids.BinarySearch(id, StringComparer.Ordinal);
        if (at < 0)
        {
            record.State.Ids.Insert(~at, id);
            try
            {
                await record.WriteStateAsync();
            }
            catch
            {
                record.State.Ids.Remove(id);
                throw;
            }
        }
    }

    public Task<IReadOnlyList<string>> List(string after, int count) => Task.FromResult<IReadOnlyList<string>>(
        [.. record.State.Ids.Where(id => string.CompareOrdinal(id, after) > 0).Take(count)]);
}
