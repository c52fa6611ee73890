using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DivCo.Cli.Output;
using DivCo.Protocol;

namespace DivCo.Cli.Commands;

/// <summary><c>divco token</c>: a token, shown once, and its line in the servers' token file.</summary>
internal static class TokenCommand
{
    public static async Task<ExitCode> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancel)
    {
        var (name, role, file) = (arguments.GetRequiredValue(Arguments.TokenName), arguments.GetValue(Arguments.Role), arguments.GetRequiredValue(Arguments.TokenFile));
        if (File.Exists(file) && (await File.ReadAllLinesAsync(file, cancel)).Any(line => line.StartsWith(name + " ", StringComparison.Ordinal)))
        {
            throw new CommandException(ExitCode.Usage, $"{file} has a token of {name}; remove its line first, or choose another name");
        }

        var token = AccessToken.Of(RandomNumberGenerator.GetBytes(32));
        var until = arguments.GetValue(Arguments.TokenDays) is > 0 and var days ? TimeProvider.System.GetUtcNow().AddDays(days) : (DateTimeOffset?)null;
        await File.AppendAllTextAsync(file, AccessToken.Line(name, role, token, until) + "\n", cancel);
        if (terminal.Json)
        {
            terminal.WriteJson(new JsonObject { ["name"] = name, ["role"] = role.ToString().ToLowerInvariant(), ["file"] = Path.GetFullPath(file), ["token"] = token });
            return ExitCode.Ok;
        }

        terminal.Error.WriteLine($"{name} may act as {role.ToString().ToLowerInvariant()} by {file}; the token itself stands nowhere else: export DIVCO_TOKEN=...");
        terminal.Out.WriteLine(token);
        return ExitCode.Ok;
    }
}
