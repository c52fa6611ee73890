using System.Text.Json;

namespace DivCo.EndToEnd.Tests;

/// <summary>How a command ended and what it said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The last line of output, which with <c>--output json</c> is one JSON object.</summary>
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "");

    public void MustSucceed() => MustEndWith(0);

    public void MustEndWith(int exitCode) => Assert.True(ExitCode == exitCode, $"Ended with {ExitCode} instead of {exitCode}.\n{Output}\n{Errors}");
}
