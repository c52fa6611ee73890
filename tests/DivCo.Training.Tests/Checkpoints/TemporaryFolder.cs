namespace DivCo.Training.Tests.Checkpoints;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("divco-test-").FullName;

    public static implicit operator string(TemporaryFolder folder) => folder.Path;

    public string File(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
