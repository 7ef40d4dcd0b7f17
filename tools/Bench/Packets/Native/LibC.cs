using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets.Native;

/// <summary>sched.h, sys/mount.h, net/if.h, fcntl.h: namespaces and the place of a thread.</summary>
internal static unsafe partial class LibC
{
    public const int O_RDONLY = 0;
    public const int O_CLOEXEC = 0x80000;
    public const int CLONE_NEWNS = 0x20000;
    public const int CLONE_NEWNET = 0x40000000;
    public const nuint MS_REC = 0x4000;
    public const nuint MS_PRIVATE = 0x40000;
    public const int SCHED_FIFO = 1;
    public const int SCHED_RESET_ON_FORK = 0x40000000;

    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string type, nuint flags, string? data);

    /// <summary>0 for the calling thread; the mask is an array of longs, one bit per CPU.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nuint bytes, ulong* mask);

    /// <summary>0 for the calling thread. Returns 0, unlike the system call.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_getaffinity(int thread, nuint bytes, ulong* mask);

    /// <summary>0 for the calling thread; the parameter is one int, the priority.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_setscheduler(int thread, int policy, int* priority);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint if_nametoindex(string name);
}
