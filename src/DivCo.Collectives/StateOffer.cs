namespace DivCo.Collectives;

/// <summary>A state that a worker of this process lets others copy. It stands still until the offer is revoked.</summary>
/// <param name="Source">Device id of the worker.</param>
/// <param name="Bytes">How many bytes <paramref name="Write"/> writes.</param>
/// <param name="Updates">Updates committed in it.</param>
/// <param name="Sha256">Of the state, in hexadecimal digits; what it covers is the receiver's to know and to check.</param>
/// <param name="Write">
/// Writes the state. Called once for each transfer, on a thread of its own, several at a time; the stream blocks where the receiver is slow, and
/// throws where the transfer has ended.
/// </param>
public sealed record StateOffer(string Source, long Bytes, long Updates, string Sha256, Action<Stream> Write);
