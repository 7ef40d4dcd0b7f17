using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary>Signals to processes that the lab started. A process that is already gone is not an error.</summary>
internal static class Signals
{
    public static void Kill(int pid) => Send(pid, Libc.SIGKILL);

    public static void Terminate(int pid) => Send(pid, Libc.SIGTERM);

    public static void HangUp(int pid) => Send(pid, Libc.SIGHUP);

    public static void Stop(int pid) => Send(pid, Libc.SIGSTOP);

    public static void Continue(int pid) => Send(pid, Libc.SIGCONT);

    private static void Send(int pid, int signal)
    {
        if (pid <= 1)
            throw new ArgumentOutOfRangeException(nameof(pid), pid, "a signal would reach more than one process");
        if (Libc.kill(pid, signal) != 0 && Marshal.GetLastPInvokeError() is var errno && errno != Libc.ESRCH)
            throw new LabException($"cannot send signal {signal} to process {pid}: errno {errno}");
    }
}
