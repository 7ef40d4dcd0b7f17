using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>sys/vfs.h, linux/magic.h.</summary>
internal static unsafe partial class LibC
{
    public const long FUSE_SUPER_MAGIC = 0x65735546;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fstatfs(int fd, Statfs* result);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int statfs(byte* path, Statfs* result);
}
