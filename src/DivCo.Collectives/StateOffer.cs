namespace DivCo.Collectives;

/// <summary>A state that stands still and may be copied.</summary>
/// <param name="Bytes">Length of what <paramref name="Write"/> writes.</param>
/// <param name="Updates">Updates committed in it.</param>
/// <param name="Sha256">What the copier must come to.</param>
/// <param name="Write">Writes the state; called on a thread of its own, once for each copier.</param>
public sealed record StateOffer(long Bytes, long Updates, string Sha256, Action<Stream> Write);
