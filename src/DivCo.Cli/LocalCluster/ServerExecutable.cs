namespace DivCo.Cli.LocalCluster;

/// <summary>Finds divco-server: where it is said, in DIVCO_SERVER_PATH, or beside divco.</summary>
internal static class ServerExecutable
{
    private const string Name = "divco-server";

    /// <exception cref="CommandException">There is none; the message says where it was looked for.</exception>
    public static string Find(string? given)
    {
        var (path, source) = given is { Length: > 0 } ? (given, "--server-path")
            : Environment.GetEnvironmentVariable("DIVCO_SERVER_PATH") is { Length: > 0 } named ? (named, "DIVCO_SERVER_PATH")
            : (Path.Combine(AppContext.BaseDirectory, Name), "beside divco; --server-path or DIVCO_SERVER_PATH name another");
        path = Directory.Exists(path) ? Path.Combine(path, Name) : path;
        return File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new CommandException(ExitCode.Usage, $"no {Name} at {path} ({source})");
    }
}
