using DivCo.Collectives.Links;

namespace DivCo.Collectives.Tests;

public sealed class StreamAdmissionTests
{
    private static readonly Quorum Newest = Ranks.LocalQuorum(2, epoch: 5);

    [Theory]
    [InlineData(5, 0, 1, MailboxState.Open, Admission.Admit)]
    [InlineData(5, 0, 1, MailboxState.Awaited, Admission.Park)]
    [InlineData(5, 0, 1, MailboxState.Closed, Admission.Stale)]
    [InlineData(4, 0, 1, MailboxState.Open, Admission.Stale)]
    [InlineData(6, 0, 1, MailboxState.Closed, Admission.Park)]
    [InlineData(5, 1, 1, MailboxState.Open, Admission.Invalid)]
    [InlineData(5, 2, 1, MailboxState.Open, Admission.Invalid)]
    [InlineData(5, 0, 2, MailboxState.Open, Admission.Invalid)]
    [InlineData(5, -1, 1, MailboxState.Open, Admission.Invalid)]
    internal void Epoch_ranks_and_mailbox_decide(int epoch, int from, int to, MailboxState state, Admission expected)
    {
        var hello = ExchangeMessage.Hello(Ranks.LocalQuorum(2, (uint)epoch), from, to);
        var (admission, reason) = StreamAdmission.Decide(hello, Newest, _ => state);
        Assert.Equal(expected, admission);
        Assert.Equal(expected == Admission.Admit, reason.Length == 0);
    }

    [Fact]
    public void The_same_epoch_of_another_quorum_is_stale()
    {
        var hello = ExchangeMessage.Hello(Ranks.LocalQuorum(3, epoch: 5), 0, 1);
        Assert.Equal(Admission.Stale, StreamAdmission.Decide(hello, Newest, _ => MailboxState.Open).Admission);
    }

    [Fact]
    public void A_trial_nobody_here_takes_part_in_is_waited_for() =>
        Assert.Equal(Admission.Park, StreamAdmission.Decide(ExchangeMessage.Hello(Newest, 0, 1), null, _ => MailboxState.Open).Admission);

    [Fact]
    public void A_stream_begins_with_hello() =>
        Assert.Equal(Admission.Invalid, StreamAdmission.Decide(ExchangeMessage.Heartbeat(Newest), Newest, _ => MailboxState.Open).Admission);
}
