using System.Globalization;
using DivCo.Cluster.Hosting.Folder;

namespace DivCo.Cluster.Tests.Hosting.Folder;

/// <summary>The store under real processes that write at once, are paused and are killed.</summary>
public sealed class FolderStoreProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderStore _store;

    public FolderStoreProcessTests() => _store = new FolderStore(new FolderOptions { Path = _folder.Path });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Processes_and_threads_that_count_at_once_lose_nothing()
    {
        const int Processes = 3;
        const int Threads = 2;
        const int Increments = 60;
        var children = Enumerable.Range(0, Processes).Select(_ => Start(Threads, Increments)).ToList();
        var numbers = new List<int>();
        foreach (var child in children)
        {
            for (var i = 0; i < Threads * Increments; i++)
            {
                numbers.Add(Number(await child.ReadLine()));
            }

            Assert.Equal(0, await child.WaitForExit());
            child.Dispose();
        }

        // Each number was written once, by one of them.
        Assert.Equal(Enumerable.Range(1, Processes * Threads * Increments), numbers.Order());
    }

    [Fact]
    public async Task A_writer_that_sleeps_while_others_write_changes_nothing_when_it_wakes()
    {
        const int Pauses = 25;
        using var sleeper = Start(1, int.MaxValue);
        var numbers = new List<int> { Number(await sleeper.ReadLine()) };
        for (var pause = 0; pause < Pauses; pause++)
        {
            sleeper.Pause();
            for (var i = 0; i < 5; i++)
            {
                numbers.Add(CountingProcess.Increment(_store));
            }

            sleeper.Resume();
            numbers.Add(Number(await sleeper.ReadLine()));
        }

        await sleeper.Kill();
        while (sleeper.TryReadLine() is { } line)
        {
            numbers.Add(Number(line));
        }

        Assert.Equal(numbers.Distinct().Count(), numbers.Count);
        Assert.InRange(CountingProcess.ValueOf(_store.Read(CountingProcess.Counter)), numbers.Max(), numbers.Max() + 1);
        Assert.InRange(numbers.Count, numbers.Max() - 1, numbers.Max());
    }

    [Fact]
    public async Task A_writer_killed_at_any_moment_leaves_a_readable_record_and_loses_no_answered_write()
    {
        for (var round = 0; round < 12; round++)
        {
            using var writer = Start(2, int.MaxValue);
            var answered = 0;
            for (var i = 0; i <= round; i++)
            {
                answered = Math.Max(answered, Number(await writer.ReadLine()));
            }

            await writer.Kill();
            Assert.InRange(CountingProcess.ValueOf(_store.Read(CountingProcess.Counter)), answered, int.MaxValue);
        }

        CountingProcess.Increment(_store);
        Assert.InRange(Directory.GetFiles(Path.Combine(_folder.Path, "test", "counter")).Length, 1, 2);
    }

    private ChildProcess Start(int threads, int increments) => new(
        CountingProcess.Role, _folder.Path, threads.ToString(CultureInfo.InvariantCulture), increments.ToString(CultureInfo.InvariantCulture));

    private static int Number(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}
