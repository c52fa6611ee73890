using DivCo.Cli.Output;

namespace DivCo.Cli.Tests;

/// <summary>One call of divco, in this process, as a script would see it.</summary>
internal sealed record Divco(int Code, string Out, string Error)
{
    public static async Task<Divco> RunAsync(CancellationToken cancel, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Synchronized(output), TextWriter.Synchronized(error), live: false);
        var code = await CommandTree.RunAsync(args, terminal, cancel);
        return new((int)code, output.ToString(), error.ToString());
    }

    public static Task<Divco> RunAsync(params string[] args) => RunAsync(TestContext.Current.CancellationToken, args);

    public string LastLine => Out.TrimEnd('\n').Split('\n')[^1];
}
