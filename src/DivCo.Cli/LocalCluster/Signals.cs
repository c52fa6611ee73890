using System.Runtime.InteropServices;

namespace DivCo.Cli.LocalCluster;

internal static class Signals
{
    private const int SigTerm = 15;

    /// <summary>Asks a process to end (SIGTERM); one that has gone already is no error.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, SigTerm);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
