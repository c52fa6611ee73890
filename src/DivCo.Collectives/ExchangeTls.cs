using System.Net.Security;

namespace DivCo.Collectives;

/// <summary>How this process proves who it is to peers that are reached over TLS, and whom it believes; asked for each connection.</summary>
public sealed record ExchangeTls(Func<SslClientAuthenticationOptions> Client);
