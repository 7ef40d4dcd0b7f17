using System.Runtime.InteropServices;

namespace SafeKit.Filter.Native;

/// <summary>sys/mman.h, sys/mount.h, sys/vfs.h, unistd.h: the few calls that .NET does not have.</summary>
internal static unsafe partial class LibC
{
    public const int PROT_READ_WRITE = 3;
    public const int MAP_SHARED = 1;
    public const long BPF_FS_MAGIC = 0xcafe4a11;
    public const long SYS_membarrier_x64 = 324;
    public const long SYS_membarrier_arm64 = 283;
    public const int MEMBARRIER_CMD_GLOBAL = 1;

    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint mmap(nint address, nuint bytes, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(nint address, nuint bytes);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string type, nuint flags, string? data);

    /// <summary><c>struct statfs</c> starts with the type in a long on 64-bit machines; the buffer holds the rest.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statfs(string path, long* buffer);

    [LibraryImport(Library)]
    public static partial int vsnprintf(byte* buffer, nuint bytes, byte* format, void* arguments);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int family, int kind, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint send(int socket, byte* data, nuint bytes, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recv(int socket, byte* data, nuint bytes, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial long syscall(long number, long first, long second, long third);
}
