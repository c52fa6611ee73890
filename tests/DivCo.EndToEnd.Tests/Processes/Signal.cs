using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DivCo.EndToEnd.Tests.Processes;

/// <summary>Signals of Linux, by their numbers.</summary>
internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

internal static class Signals
{
    private const int NoSuchProcess = 3;

    /// <summary>Sends a signal; false if there is no such process any more.</summary>
    public static bool Send(int process, Signal signal)
    {
        if (Kill(process, (int)signal) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error, $"{signal} to process {process}: {new Win32Exception(error).Message}");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
