using System.Diagnostics;

namespace DivCo.Architecture.Tests;

/// <summary>MSBuild as a process of its own.</summary>
internal static class Msbuild
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <returns>Exit code, and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> Run(string project, params string[] options)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var start = new ProcessStartInfo("dotnet", ["msbuild", "-nodeReuse:false", project, .. options]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            // A test run by dotnet test inherits the paths of that build.
            start.Environment.Remove(name);
        }

        using var msbuild = Process.Start(start)!;
        try
        {
            var errors = msbuild.StandardError.ReadToEndAsync(deadline.Token);
            var output = await msbuild.StandardOutput.ReadToEndAsync(deadline.Token);
            await msbuild.WaitForExitAsync(deadline.Token);
            return (msbuild.ExitCode, output + await errors);
        }
        finally
        {
            msbuild.Kill(entireProcessTree: true);
        }
    }
}
