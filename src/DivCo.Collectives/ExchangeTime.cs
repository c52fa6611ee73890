namespace DivCo.Collectives;

/// <summary>Where a rank's time in collectives went since it joined.</summary>
/// <param name="Whole">In collectives.</param>
/// <param name="Waited">Of it, standing still because a peer's message was not there yet: the peer's lag and the way of its message.</param>
public readonly record struct ExchangeTime(TimeSpan Whole, TimeSpan Waited);
