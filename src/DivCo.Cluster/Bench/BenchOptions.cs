using System.CommandLine;
using DivCo.Cluster.Offline;

namespace DivCo.Cluster.Bench;

/// <summary>What benchmarks are told.</summary>
internal static class BenchOptions
{
    public const string Local = "local", Grpc = "grpc", Tcp = "tcp", Unix = "unix", Shm = "shm";

    public static readonly string[] Links = [Local, Grpc], Transports = [Tcp, Unix, Shm];

    private const int MaxRanks = 64, MaxRepeats = 1000;
    private const long MinBytes = 4, MaxBytes = 1L << 30;

    public static readonly Option<int> Ranks = new("--ranks") { DefaultValueFactory = _ => 2, Description = "How many take part" };
    public static readonly Option<long> Bytes = new("--bytes") { DefaultValueFactory = _ => 64L << 20, Description = "Of the buffer; a multiple of 4" };
    public static readonly Option<string> Link = new("--link") { DefaultValueFactory = _ => Local, Description = "local: threads of one process; grpc: a process for each rank" };
    public static readonly Option<string> Transport = new("--transport") { DefaultValueFactory = _ => Shm, Description = $"Of the link grpc: {string.Join(", ", Transports)}" };
    public static readonly Option<int> Repeats = new("--repeats") { DefaultValueFactory = _ => 5, Description = "Rounds, in which what is compared takes turns" };

    /// <exception cref="OfflineUsageException">It is not; names what is allowed.</exception>
    public static int RanksOf(ParseResult parsed) => (int)Within(parsed, Ranks.Name, parsed.GetValue(Ranks), 1, MaxRanks);

    /// <exception cref="OfflineUsageException">It is out of range or no multiple of 4.</exception>
    public static long BytesOf(ParseResult parsed)
    {
        var bytes = Within(parsed, Bytes.Name, parsed.GetValue(Bytes), MinBytes, MaxBytes);
        return bytes % sizeof(float) == 0 ? bytes : throw new OfflineUsageException($"{Bytes.Name} {bytes}: allowed are multiples of {sizeof(float)}");
    }

    /// <exception cref="OfflineUsageException">It is out of range.</exception>
    public static int RepeatsOf(ParseResult parsed) => (int)Within(parsed, Repeats.Name, parsed.GetValue(Repeats), 1, MaxRepeats);

    /// <exception cref="OfflineUsageException">There is no such word.</exception>
    public static string OneOf(ParseResult parsed, Option<string> option, string[] allowed) => parsed.GetValue(option) is { } word && allowed.Contains(word)
        ? word
        : throw new OfflineUsageException($"{option.Name} {parsed.GetValue(option)}: allowed are {string.Join(" and ", allowed)}");

    private static long Within(ParseResult parsed, string name, long value, long min, long max) =>
        value >= min && value <= max ? value : throw new OfflineUsageException($"{name} {value}: allowed are {min} to {max}");
}
