using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sys/ioctl.h.</summary>
internal static unsafe partial class LibC
{
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, void* argument);
}
