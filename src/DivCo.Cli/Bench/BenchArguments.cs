using System.CommandLine;

namespace DivCo.Cli.Bench;

/// <summary>What <c>divco bench</c> is given. Sizes and names of links are the server's to check: it does the work.</summary>
internal static class BenchArguments
{
    public static readonly Option<string?> Ranks = Passed("--ranks", "count", "How many take part (else 2)");
    public static readonly Option<string?> Bytes = Passed("--bytes", "bytes", "Of the buffer, a multiple of 4 (else 64 MiB)");
    public static readonly Option<string?> Link = Passed("--link", "link", "local: threads of one process (default); grpc: a process for each rank");
    public static readonly Option<string?> Transport = Passed("--transport", "transport", "Of the link grpc: tcp, unix or shm (default)");
    public static readonly Option<int> Repeats = Arguments.Count("--repeats", "Rounds, in which what is compared takes turns", 1000, 5);
    public static readonly Option<int> Steps = Arguments.Count("--steps", "Steps that are timed in each round", 100_000, 20);
    public static readonly Option<int[]?> Workers = Verification.VerifyArguments.Counts("--workers", "Worker counts to compare with the first of them, such as 1,2 (else these)");
    public static readonly Option<int> Processes = Arguments.Count("--processes", "Server processes, at most one for each worker", 64, 1);

    private static Option<string?> Passed(string name, string what, string description) => new(name) { Description = description, HelpName = what };
}
