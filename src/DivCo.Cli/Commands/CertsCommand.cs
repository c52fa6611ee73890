using System.CommandLine;
using System.Text.Json.Nodes;
using DivCo.Cli.Certificates;
using DivCo.Cli.Output;

namespace DivCo.Cli.Commands;

/// <summary><c>divco certs</c>: an authority for development, a silo's certificate and one for the API.</summary>
internal static class CertsCommand
{
    private static readonly TimeSpan _authorityLife = TimeSpan.FromDays(3650);

    public static Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var now = TimeProvider.System.GetUtcNow();
        var life = TimeSpan.FromDays(arguments.GetRequiredValue(Arguments.Days));
        string[] hosts = [.. arguments.GetValue(Arguments.Hosts) ?? [], "localhost", "127.0.0.1", "::1"];
        var folder = new CertificateFolder(arguments.GetRequiredValue(Arguments.CertificateFolder));
        var isNew = !folder.HasAuthority;
        using var authority = isNew ? CertificateAuthority.Create(now, _authorityLife) : folder.OpenAuthority(now);
        if (isNew)
        {
            folder.WriteAuthority(authority);
        }

        using (var silo = authority.IssueSilo([.. hosts.Distinct()], now, life))
        using (var api = authority.IssueApi([.. hosts.Distinct()], now, life))
        {
            folder.Write("silo", silo);
            folder.Write("api", api);
            terminal.Say(isNew ? $"a new authority: {folder.PathOf("ca", "crt")} (its key signs; keep it off the servers)" : $"issued by {folder.PathOf("ca", "crt")}");
            terminal.Say($"silos and gateways: {folder.PathOf("silo", "crt")}, .key; API: {folder.PathOf("api", "crt")}, .key; until {silo.NotAfter.ToUniversalTime():u}");
            terminal.Say($"divco-server --tls {folder.Path} ..., and for people: export DIVCO_CA={folder.PathOf("ca", "crt")}");
            if (terminal.Json)
            {
                terminal.WriteJson(new JsonObject
                {
                    ["folder"] = folder.Path,
                    ["new_authority"] = isNew,
                    ["hosts"] = new JsonArray([.. hosts.Distinct().Select(host => (JsonNode)host)]),
                    ["not_after"] = silo.NotAfter.ToUniversalTime().ToString("u"),
                });
            }
        }

        return Task.FromResult(ExitCode.Ok);
    }
}
