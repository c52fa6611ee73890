namespace DivCo.Training;

/// <summary>What one device computed.</summary>
/// <param name="Member">Its id.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits over every bit that it computed.</param>
public sealed record AuditVote(string Member, string Sha256);
