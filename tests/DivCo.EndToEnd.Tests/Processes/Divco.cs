using System.Text.Json;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>The divco command, run to its end.</summary>
internal static class Divco
{
    private static readonly TimeSpan _deadline = TimeSpan.FromMinutes(4);

    public static async Task<Answer> Run(params string[] arguments)
    {
        await using var process = Begin(arguments);
        var code = await process.Exit(_deadline);
        return new Answer(code, process.Output, process.Errors);
    }

    /// <summary>Starts the command and returns at once.</summary>
    public static ChildProcess Begin(params string[] arguments) => ChildProcess.Start(Installation.Divco, arguments);

    internal sealed record Answer(int ExitCode, IReadOnlyList<string> Output, string Errors)
    {
        /// <summary>The last line of output as JSON.</summary>
        public JsonElement Json => JsonDocument.Parse(Output[^1]).RootElement;

        public string Everything => string.Join('\n', Output) + "\n" + Errors;

        /// <summary>This answer, if the command ended with 0.</summary>
        public Answer Succeeded()
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}:\n{Everything}");
            return this;
        }
    }
}
