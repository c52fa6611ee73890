namespace DivCo.Collectives;

internal enum MailboxState
{
    /// <summary>Its rank has not joined yet; ranks of the same process may post already.</summary>
    Awaited,

    Open,

    /// <summary>Its rank has left.</summary>
    Closed,
}
