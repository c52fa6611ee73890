namespace DivCo.Cli.Verification;

/// <summary>Where the runs of a proof lie: a folder that the user named or wants to keep, or else one that is deleted at the end.</summary>
internal sealed class ProofFolder : IDisposable
{
    private readonly bool _temporary;

    /// <exception cref="CommandException">The folder holds the runs of an earlier proof, from which these would go on.</exception>
    public ProofFolder(string? results, bool keep)
    {
        (_temporary, Kept) = (results is null && !keep, results is not null || keep);
        Path = results is null ? Directory.CreateTempSubdirectory("divco-verify-").FullName : System.IO.Path.GetFullPath(results);
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            throw new CommandException(ExitCode.Usage, $"--results {results}: is not empty; name a folder that is, or that does not exist");
        }
    }

    public string Path { get; }

    public bool Kept { get; }

    public void Dispose()
    {
        if (_temporary)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
