using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>futex(2), for which the C library has no function.</summary>
internal static unsafe partial class LibC
{
    private const int FUTEX_WAIT_PRIVATE = 128;
    private const int FUTEX_WAKE_PRIVATE = 129;

    private static readonly long _futexNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Sleeps while the word has this value, at most so long. Returns early without reason, too.</summary>
    public static void FutexWait(int* word, int value, int limitMs)
    {
        var limit = Timespec.Of(limitMs * 1_000_000L);
        _ = syscall(_futexNumber, word, FUTEX_WAIT_PRIVATE, value, &limit);
    }

    public static void FutexWake(int* word, int count) => _ = syscall(_futexNumber, word, FUTEX_WAKE_PRIVATE, count, null);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long syscall(long number, int* word, int operation, int value, Timespec* limit);
}
