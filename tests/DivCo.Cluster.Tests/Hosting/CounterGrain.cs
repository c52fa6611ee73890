namespace DivCo.Cluster.Tests.Hosting;

internal interface ICounterGrain : IGrainWithStringKey
{
    Task<int> Increment();

    Task<int> Read();

    /// <summary>Registers a reminder each second; every tick is counted in the state.</summary>
    Task Remind();

    Task<int> Ticks();

    Task<string> SiloName();
}

internal sealed class CounterState
{
    public int Count { get; set; }

    public int Ticks { get; set; }
}

internal sealed class CounterGrain([PersistentState("counter")] IPersistentState<CounterState> state, ILocalSiloDetails silo)
    : Grain, ICounterGrain, IRemindable
{
    public async Task<int> Increment()
    {
        state.State.Count++;
        await state.WriteStateAsync();
        return state.State.Count;
    }

    public Task<int> Read() => Task.FromResult(state.State.Count);

    public Task Remind() => this.RegisterOrUpdateReminder("tick", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    public Task<int> Ticks() => Task.FromResult(state.State.Ticks);

    public Task<string> SiloName() => Task.FromResult(silo.Name);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        state.State.Ticks++;
        return state.WriteStateAsync();
    }
}
