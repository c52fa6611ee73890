namespace DivCo.Cli;

/// <summary>How divco ends: part of its interface, scripts depend on it.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>The work failed: a sweep, a server, a download.</summary>
    Failed = 1,

    /// <summary>Wrong usage or a bad spec; nothing was started.</summary>
    Usage = 2,

    NotFound = 3,

    Unreachable = 5,

    /// <summary>Ended by Ctrl-C, in good order.</summary>
    Cancelled = 130,
}
