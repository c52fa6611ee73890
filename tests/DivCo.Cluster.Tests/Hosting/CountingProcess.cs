using System.Globalization;
using DivCo.Cluster.Hosting.Folder;

namespace DivCo.Cluster.Tests.Hosting;

/// <summary>A process that counts up one record by compare-and-swap and prints each number that it wrote.</summary>
internal static class CountingProcess
{
    public const string Role = "--count";
    public static readonly RecordKey Counter = new("test", "counter");

    /// <summary>Arguments: data folder, number of threads, increments of each.</summary>
    public static int Run(string[] arguments)
    {
        var store = new FolderStore(new FolderOptions { Path = arguments[0] });
        var increments = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var threads = Enumerable.Range(0, int.Parse(arguments[1], CultureInfo.InvariantCulture)).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < increments; i++)
            {
                Console.WriteLine(Increment(store));
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return 0;
    }

    public static int Increment(FolderStore store)
    {
        while (true)
        {
            var record = store.Read(Counter);
            var next = ValueOf(record) + 1;
            if (store.TryWrite(Counter, record.Version, BitConverter.GetBytes(next)))
            {
                return next;
            }
        }
    }

    public static int ValueOf(FolderRecord record) => record.Value is null ? 0 : BitConverter.ToInt32(record.Value);
}
