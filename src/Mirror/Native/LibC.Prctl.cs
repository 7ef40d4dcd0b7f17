using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sys/prctl.h, linux/securebits.h.</summary>
internal static partial class LibC
{
    public const int PR_GET_SECUREBITS = 27;
    public const int PR_SET_SECUREBITS = 28;
    public const int PR_SET_IO_FLUSHER = 57;
    public const nuint SECBIT_NO_SETUID_FIXUP = 4;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
