using System.Text;
using DivCo.Cluster.Hosting.Folder;
using DivCo.Protocol.V1;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace DivCo.Cluster.Tests.Hosting.Folder;

public sealed class FolderGrainStorageTests : IDisposable
{
    private static readonly GrainId Grain = GrainId.Create("sweep", "fashion/../tau");
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private readonly FolderGrainStorage _storage;

    public FolderGrainStorageTests() => _storage = new FolderGrainStorage(
        new FolderStore(new FolderOptions { Path = _folder.Path }), _services.GetRequiredService<IActivatorProvider>());

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_state_comes_back_whole()
    {
        var written = new GrainState<SweepRecord>(new SweepRecord
        {
            Spec = new SweepSpec { Seed = 42, Method = "random" },
            Losses = { [3] = double.NaN, [4] = 0.1 },
            Phase = Phase.Running,
        });
        await _storage.WriteStateAsync("sweep", Grain, written);
        var read = await Read();
        Assert.True(read.RecordExists);
        Assert.Equal(written.ETag, read.ETag);
        Assert.Equal(written.State!.Spec, read.State!.Spec);
        Assert.Equal(written.State!.Losses, read.State!.Losses);
        Assert.Equal(Phase.Running, read.State!.Phase);
    }

    [Fact]
    public async Task A_state_of_a_later_release_is_read_as_far_as_it_is_known()
    {
        var store = new FolderStore(new FolderOptions { Path = _folder.Path });
        Assert.True(store.TryWrite(new RecordKey("state", $"sweep/{Grain}"), 0, Encoding.UTF8.GetBytes(
            """{"spec":{"seed":"7","a_later_field":{"x":1}},"phase":"Running","a_later_member":[1,2]}""")));
        var read = await Read();
        Assert.Equal(7UL, (ulong)read.State!.Spec!.Seed);
        Assert.Equal(Phase.Running, read.State!.Phase);
    }

    [Fact]
    public async Task Of_two_activations_only_the_first_can_write()
    {
        var first = await Read();
        var second = await Read();
        await _storage.WriteStateAsync("sweep", Grain, first);
        var refusal = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("sweep", Grain, second));
        Assert.Contains($"{Grain} is at version 1, but this activation knows version 0", refusal.Message, StringComparison.Ordinal);
        await _storage.WriteStateAsync("sweep", Grain, first);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("sweep", Grain, second));
    }

    [Fact]
    public async Task A_cleared_state_is_new_and_the_ETag_from_before_stays_useless()
    {
        var state = await Read();
        state.State!.Phase = Phase.Running;
        await _storage.WriteStateAsync("sweep", Grain, state);
        var stale = await Read();
        await _storage.ClearStateAsync("sweep", Grain, state);
        Assert.False(state.RecordExists);
        var read = await Read();
        Assert.False(read.RecordExists);
        Assert.Equal(Phase.Queued, read.State!.Phase);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("sweep", Grain, stale));
        await _storage.WriteStateAsync("sweep", Grain, read);
    }

    [Fact]
    public async Task A_state_that_is_not_JSON_of_its_type_is_refused_by_name()
    {
        var store = new FolderStore(new FolderOptions { Path = _folder.Path });
        Assert.True(store.TryWrite(new RecordKey("state", $"sweep/{Grain}"), 0, "[1]"u8.ToArray()));
        var refusal = await Assert.ThrowsAsync<FolderStoreException>(Read);
        Assert.Contains($"The state 'sweep' of grain {Grain}", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<GrainState<SweepRecord>> Read()
    {
        var state = new GrainState<SweepRecord>();
        await _storage.ReadStateAsync("sweep", Grain, state);
        return state;
    }

    internal enum Phase
    {
        Queued,
        Running,
    }

    internal sealed class SweepRecord
    {
        public SweepSpec? Spec { get; set; }

        public Dictionary<int, double> Losses { get; set; } = [];

        public Phase Phase { get; set; }
    }
}
