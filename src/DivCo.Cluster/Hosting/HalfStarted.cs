namespace DivCo.Cluster.Hosting;

/// <summary>What a silo leaves behind that ends while it starts: a row of the membership table, at which the others would go on to knock.</summary>
internal static class HalfStarted
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static async Task Withdraw(IServiceProvider services, ILogger log)
    {
        if (services.GetService<IMembershipTable>() is not { } members)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(_patience);
        try
        {
            while (!await TryMarkDead(members, services.GetRequiredService<ILocalSiloDetails>().SiloAddress, deadline.Token))
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            log.LogDebug("The membership table was not told that this silo has ended ({Message}); the others will notice", e.Message);
        }
    }

    /// <returns>False where another change of the table came first.</returns>
    private static async Task<bool> TryMarkDead(IMembershipTable members, SiloAddress own, CancellationToken cancellation)
    {
        var table = await members.ReadRowAsync(own, cancellation);
        if (table.Members is not [{ } row] || row.Item1.Status == SiloStatus.Dead)
        {
            return true;
        }

        row.Item1.Status = SiloStatus.Dead;
        return await members.UpdateRowAsync(row.Item1, row.Item2, table.Version.Next(), cancellation);
    }
}
