using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary>
/// Calls on files by the bytes of their names, which need not be UTF-8; named as in C. A path is ended by a zero byte.
/// </summary>
internal static unsafe partial class FileCalls
{
    public const int O_RDONLY = 0;
    public const int O_NOFOLLOW = 0x20000;
    public const int O_DIRECTORY = 0x10000;
    public const int O_NOATIME = 0x40000;
    public const int O_CLOEXEC = 0x80000;
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const uint STATX_BASIC_STATS = 0x7ff;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int open(byte[] path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint getdents64(int fd, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int statx(int folder, byte[] path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint readlink(byte[] path, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint llistxattr(byte[] path, void* list, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint lgetxattr(byte[] path, byte[] name, void* value, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pread(int fd, void* buffer, nuint length, long offset);
}
