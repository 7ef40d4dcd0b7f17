using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sched.h.</summary>
internal static partial class LibC
{
    public const int CLONE_FS = 0x200;
    public const int CLONE_NEWNS = 0x20000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);
}
