using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>The three system calls of io_uring(7), for which the C library has no functions, and the mapping of their memory.</summary>
internal static unsafe partial class LibC
{
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_POPULATE = 0x8000;

    private const nint SetupNumber = 425;
    private const nint EnterNumber = 426;
    private const nint RegisterNumber = 427;

    public static int io_uring_setup(uint entries, void* parameters) => (int)syscall(SetupNumber, (nint)entries, (nint)parameters, 0, 0, 0, 0);

    public static int io_uring_enter(int ring, uint submitted, uint awaited, uint flags) =>
        (int)syscall(EnterNumber, ring, (nint)submitted, (nint)awaited, (nint)flags, 0, 0);

    public static int io_uring_register(int ring, uint operation, void* argument, uint count) =>
        (int)syscall(RegisterNumber, ring, (nint)operation, (nint)argument, (nint)count, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(nint address, nuint length);

    /// <param name="set">Bits of processors, <paramref name="bytes"/> long.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nuint bytes, byte* set);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);
}
