namespace DivCo.Cli.LocalCluster;

/// <summary>The folder of a local cluster: results for people, and beneath <c>.divco</c> what the servers need; one divco at a time.</summary>
internal sealed class ResultsFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <exception cref="CommandException">The folder cannot be written, or another divco run uses it.</exception>
    public ResultsFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Below("logs"));
            Directory.CreateDirectory(Below("run"));
            Directory.CreateDirectory(Data);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"--results {path}: cannot be written: {failure.Message}");
        }

        try
        {
            _lock = new FileStream(Below("run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"--results {path}: another divco run uses this folder, or it cannot be written; "
                + $"wait for the other or choose another folder ({failure.Message})");
        }
    }

    public string Path { get; }

    public string Data => Below("data");

    public string Log(string server) => System.IO.Path.Combine(Below("logs"), server + ".log");

    public string ReadyFile(string server) => System.IO.Path.Combine(Below("run"), server + ".json");

    public void Dispose() => _lock.Dispose();

    private string Below(string name) => System.IO.Path.Combine(Path, ".divco", name);
}
