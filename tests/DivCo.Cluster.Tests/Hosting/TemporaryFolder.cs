namespace DivCo.Cluster.Tests.Hosting;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("divco-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
