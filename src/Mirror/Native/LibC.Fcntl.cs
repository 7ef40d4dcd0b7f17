using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>
/// The C library, one file per header; names and values as in C. A failed call returns -1 and leaves errno in
/// <see cref="Marshal.GetLastPInvokeError"/>. Names of files are bytes that end with 0: any other byte is legal in them.
/// </summary>
internal static unsafe partial class LibC
{
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int AT_SYMLINK_FOLLOW = 0x400;
    public const int AT_EMPTY_PATH = 0x1000;

    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_ACCMODE = 3;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_DSYNC = 0x1000;
    public const int O_NOATIME = 0x40000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_SYNC = 0x101000;
    public const int O_PATH = 0x200000;

    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int F_DUPFD_CLOEXEC = 1030;

    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int FALLOC_FL_COLLAPSE_RANGE = 8;
    public const int FALLOC_FL_ZERO_RANGE = 16;
    public const int FALLOC_FL_INSERT_RANGE = 32;
    public const int FALLOC_FL_UNSHARE_RANGE = 64;

    /// <summary>Size of the fixed part of struct file_handle: its two integers.</summary>
    public const int FileHandleHeaderBytes = 8;

    /// <summary>These four differ between x86 and ARM (asm/fcntl.h).</summary>
    public static readonly int O_DIRECTORY = OnArm ? 0x4000 : 0x10000;
    public static readonly int O_NOFOLLOW = OnArm ? 0x8000 : 0x20000;
    public static readonly int O_DIRECT = OnArm ? 0x10000 : 0x4000;
    public static readonly int O_LARGEFILE = OnArm ? 0x20000 : 0x8000;
    public static readonly int O_TMPFILE = 0x400000 | O_DIRECTORY;

    private static bool OnArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fallocate(int fd, int mode, long offset, long length);

    /// <summary>
    /// The handle's buffer: its length (4), type (4), then as many bytes as the length says; AT_EMPTY_PATH in flags for the descriptor
    /// itself.
    /// </summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int name_to_handle_at(int directory, byte* path, byte* handle, int* mountId, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int open_by_handle_at(int mount, byte* handle, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, int argument);
}
