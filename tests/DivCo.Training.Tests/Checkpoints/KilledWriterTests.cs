using System.Diagnostics;
using DivCo.Training.Checkpoints;

namespace DivCo.Training.Tests.Checkpoints;

/// <summary>A process of its own writes checkpoints as fast as it can and is killed at some moment, again and again, on one folder.</summary>
public sealed class KilledWriterTests
{
    private const string FolderVariable = "DIVCO_TEST_CHECKPOINTS";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Checkpoints_of_a_killed_process_are_whole_or_absent()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointFolder(folder);
        var random = new Random(5);
        int abandoned = 0;
        for (int kill = 0; kill < 4; kill++)
        {
            IReadOnlyList<string> reported = await WriteUntilKilled(folder, reports: random.Next(1, 20), spins: random.Next(2_000_000));
            abandoned += Directory.GetDirectories(folder, ".writing-*").Length;
            IReadOnlyList<string> names = checkpoints.Names();
            Assert.All(reported, name => Assert.Contains(name, names));
            foreach (string name in names)
            {
                Assert.True(CheckpointName.TryParse(name, out int step, out _));
                Samples.AssertSame(Samples.Snapshot(step, size: 6_000), checkpoints.Load(name, Samples.TrialHash));
            }

            checkpoints.RemoveUnfinished();
            Assert.Equal(names.Order(), Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order());
        }

        // Or the kills met no write at all and this test has shown nothing.
        Assert.InRange(abandoned, 1, 4);
    }

    [Fact(Explicit = true)]
    public void Writes_checkpoints_until_killed()
    {
        var checkpoints = new CheckpointFolder(Environment.GetEnvironmentVariable(FolderVariable)!);
        int last = checkpoints.Names() is [.., var name] && CheckpointName.TryParse(name, out int found, out _) ? found : 0;
        using Stream output = Console.OpenStandardOutput();
        for (int step = last + 1; ; step++)
        {
            string written = checkpoints.Write(Samples.Snapshot(step, size: 6_000), Samples.Facts()).Name;
            output.Write(System.Text.Encoding.ASCII.GetBytes($"\n{written}\n"));
        }
    }

    /// <summary>Names that the process said were durable before it was killed.</summary>
    private static async Task<IReadOnlyList<string>> WriteUntilKilled(string folder, int reports, int spins)
    {
        string executable = Path.Combine(AppContext.BaseDirectory, "DivCo.Training.Tests");
        string[] arguments = ["-method", $"{typeof(KilledWriterTests).FullName}.{nameof(Writes_checkpoints_until_killed)}", "-explicit", "only"];
        using var process = Process.Start(
            new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, Environment = { [FolderVariable] = folder } })!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        var reported = new List<string>();
        try
        {
            while (reported.Count < reports)
            {
                string line = await process.StandardOutput.ReadLineAsync(deadline.Token)
                    ?? throw new InvalidOperationException($"the writing process ended after {reported.Count} checkpoints");
                if (line.StartsWith("step-", StringComparison.Ordinal))
                {
                    reported.Add(line);
                }
            }

            Thread.SpinWait(spins);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return reported;
    }
}
