using System.Text.Json;
using DivCo.Cluster.Devices;
using DivCo.Cluster.Hosting;
using DivCo.Cluster.Tests.Sweeps;
using DivCo.Cluster.Trials;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace DivCo.Cluster.Tests.Trials;

/// <summary>What is stored and sent comes back as it was.</summary>
public sealed class QuorumWireTests
{
    private static readonly Device _a = new("a/cpu0", "a", "cpu", new Uri("http://127.0.0.1:1"), "1");
    private static readonly QuorumCommit _commit = new(3, 7, "77");

    [Fact]
    public void A_record_survives_storage()
    {
        var state = new QuorumState
        {
            Epoch = 4,
            Phase = QuorumPhase.Syncing,
            Candidates = [_a],
            Members = [_a],
            Source = new QuorumSource(_a, Specs.Checkpoint(10, 1), _commit),
            LeftOut = "b/cpu0",
            Failures = 2,
            Since = DateTimeOffset.UnixEpoch,
            Reason = "because",
            Judged = 3,
            Verdict = new QuorumVerdict(3, 7, 2, "b/cpu0", "votes"),
        };
        var text = JsonSerializer.Serialize(state, StateJson.Options);
        var read = JsonSerializer.Deserialize<QuorumState>(text, StateJson.Options)!;
        Assert.Equal(text, JsonSerializer.Serialize(read, StateJson.Options));
        Assert.Equal((state.Judged, state.Verdict), (read.Judged, read.Verdict));
        Assert.Equal((state.Phase, _commit, _a, state.Since), (read.Phase, read.Source!.Commit, read.Members[0], read.Since));

        var lease = new Lease("t/0", 5, [_a]) { First = 2, Min = 3 };
        var again = JsonSerializer.Deserialize<Lease>(JsonSerializer.Serialize(lease, StateJson.Options), StateJson.Options)!;
        Assert.Equal((5L, 2L, 3), (again.Token, again.First, again.Min));
        var old = JsonSerializer.Deserialize<Lease>("""{"trial_id": "t/0", "token": 5, "devices": []}""", StateJson.Options)!;
        Assert.Equal((5L, 0), (old.First, old.Min));
    }

    [Fact]
    public void Commands_and_reports_survive_the_way_between_silos()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var prepare = new Prepare(_a, 4, [_a], -1, new QuorumSource(_a, null, _commit));
        foreach (var command in (QuorumCommand[])[new Halt(_a, 4), new Go(_a, 4), new RequestStop(_a, 4)])
        {
            Assert.Equal(command, serializer.Deserialize<QuorumCommand>(serializer.SerializeToArray(command)));
        }

        var read = Assert.IsType<Prepare>(serializer.Deserialize<QuorumCommand>(serializer.SerializeToArray<QuorumCommand>(prepare)));
        Assert.Equal(prepare with { Members = read.Members }, read);
        Assert.Equal(prepare.Members, read.Members);
        var report = new QuorumReport("1", 4, QuorumMemberPhase.PeerLost, _commit, true, "b/cpu0", "lost") { Verdict = new QuorumVerdict(3, 7, null, "b/cpu0", "votes"), Obstacle = "cannot write" };
        Assert.Equal(report, serializer.Deserialize<QuorumReport>(serializer.SerializeToArray(report)));
    }
}
