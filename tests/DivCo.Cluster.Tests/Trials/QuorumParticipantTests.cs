using DivCo.Cluster.Devices;
using DivCo.Cluster.Trials;

namespace DivCo.Cluster.Tests.Trials;

public sealed class QuorumParticipantTests
{
    private static readonly Device _a = new("a/cpu0", "a", "cpu", new Uri("http://127.0.0.1:1"), "1");
    private static readonly Device _b = _a with { Id = "b/cpu0", Silo = "b" };
    private static readonly QuorumCommit _held = new(2, 6, "66");
    private static readonly QuorumCommit _ahead = new(2, 7, "77");

    [Fact]
    public void The_answer_to_Halt_waits_for_the_thread_and_holds_what_it_left_with()
    {
        var halting = Running().Take(new Halt(_a, 4));
        Assert.Equal((QuorumDeed.Cancel, QuorumMemberPhase.Halting, 4u), (halting.Deed, halting.State.Phase, halting.State.Promised));
        Assert.NotNull(halting.State.Take(Prepare(4, _ahead)).Refusal);

        var halted = halting.State.Left(QuorumExit.Halted, _ahead, "");
        Assert.Equal((QuorumMemberPhase.Halted, _ahead), (halted.Report.Phase, halted.Report.Commit));
    }

    [Fact]
    public void Nothing_of_an_older_epoch_or_for_another_process_has_an_effect()
    {
        var halted = Halted(4);
        foreach (var late in (QuorumCommand[])[new Halt(_a, 3), Prepare(3, _held), new Go(_a, 3), new RequestStop(_a, 3), new Halt(_a with { Incarnation = "0" }, 9)])
        {
            var step = halted.Take(late);
            Assert.NotNull(step.Refusal);
            Assert.Equal((QuorumDeed.None, halted), (step.Deed, step.State));
        }
    }

    [Fact]
    public void Repeated_commands_of_the_epoch_change_nothing_once_it_runs()
    {
        var running = Running();
        foreach (var again in (QuorumCommand[])[new Halt(_a, 3), Prepare(3, _held), new Go(_a, 3)])
        {
            Assert.Equal((QuorumDeed.None, running), (running.Take(again).Deed, running.Take(again).State));
        }
    }

    [Fact]
    public void A_laggard_keeps_what_it_holds_until_the_whole_state_came_with_the_right_hash()
    {
        var syncing = Halted(4).Take(Prepare(4, _ahead));
        Assert.Equal((QuorumDeed.Receive, _held), (syncing.Deed, syncing.State.Commit));
        Assert.False(syncing.State.Accepts("torn"));
        Assert.True(syncing.State.Accepts("77"));
        Assert.False(syncing.State.Take(new Halt(_a, 5)).State.Accepts("77"));

        var ready = syncing.State.Left(QuorumExit.Received, _ahead, "");
        Assert.Equal((QuorumMemberPhase.Ready, _ahead), (ready.Phase, ready.Commit));
        Assert.Equal(QuorumMemberPhase.PeerLost, syncing.State.Left(QuorumExit.PeerLost, _held, "", "b/cpu0").Phase);
    }

    [Fact]
    public void The_source_may_be_read_only_while_it_stands_still()
    {
        var ready = Halted(4).Take(Prepare(4, _held, source: _a)).State;
        Assert.Equal((QuorumMemberPhase.Ready, true), (ready.Phase, ready.MaySend(4)));
        Assert.False(ready.MaySend(3));
        var running = ready.Take(new Go(_a, 4));
        Assert.Equal((QuorumDeed.Train, false), (running.Deed, running.State.MaySend(4)));
    }

    [Fact]
    public void The_same_bits_need_no_copy_and_a_failed_thread_leaves_nothing_behind()
    {
        var newer = new QuorumCommit(3, 6, "66");
        var ready = Halted(4).Take(Prepare(4, newer)).State;
        Assert.Equal((QuorumMemberPhase.Ready, newer), (ready.Phase, ready.Commit));
        Assert.Null(Running().Left(QuorumExit.Failed, _held, "").Commit);
        Assert.Throws<InvalidOperationException>(() => ready.Left(QuorumExit.Failed, null, ""));
    }

    private static QuorumParticipant Halted(uint epoch) => new(_a.Id, _a.Incarnation) { Promised = epoch, Phase = QuorumMemberPhase.Halted, Commit = _held };

    private static QuorumParticipant Running() => Halted(3).Take(Prepare(3, _held)).State.Take(new Go(_a, 3)).State;

    private static Prepare Prepare(uint epoch, QuorumCommit commit, Device? source = null) =>
        new(_a, epoch, [_a, _b], 0, new QuorumSource(source ?? _b, null, commit));
}
