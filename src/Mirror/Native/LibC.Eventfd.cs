using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sys/eventfd.h.</summary>
internal static partial class LibC
{
    public const int EFD_SEMAPHORE = 1;
    public const int EFD_NONBLOCK = 0x800;
    public const int EFD_CLOEXEC = 0x80000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);
}
