using System.Runtime.InteropServices;

namespace SafeKit.Modules.Native;

/// <summary>signal.h and unistd.h, as far as they are used here.</summary>
internal static partial class LibC
{
    public const int SIGKILL = 9;
    private const int X_OK = 1;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    public static bool IsExecutable(string file) => Access(file, X_OK) == 0;

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string file, int mode);
}
