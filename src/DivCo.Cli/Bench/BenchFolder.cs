namespace DivCo.Cli.Bench;

/// <summary>What a benchmark writes; gone with it.</summary>
internal sealed class BenchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("divco-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
