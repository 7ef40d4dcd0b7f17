using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>System calls on the tree underneath, by descriptor; they return errno, or a descriptor or minus errno.</summary>
internal static unsafe class Lower
{
    public static int Status(int descriptor, out Statx status)
    {
        byte empty = 0;
        fixed (Statx* result = &status)
        {
            const uint Wanted = LibC.STATX_BASIC_STATS | LibC.STATX_BTIME | LibC.STATX_MNT_ID;
            return LibC.statx(descriptor, &empty, LibC.AT_EMPTY_PATH, Wanted, result) == 0 ? 0 : Errno.Last;
        }
    }

    /// <summary>Modification time, or <see cref="OperationHeader.NoTime"/> where it cannot be read.</summary>
    public static long MtimeNs(int descriptor) => Status(descriptor, out Statx status) == 0 ? status.MtimeNs : OperationHeader.NoTime;

    /// <summary>O_PATH descriptor of what a name means, a symbolic link itself included.</summary>
    public static int OpenChild(int directory, byte* name)
    {
        int fd = LibC.openat(directory, name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
        return fd < 0 ? -Errno.Last : fd;
    }

    /// <summary>What an O_PATH descriptor means, opened for reading or writing.</summary>
    public static int Reopen(int descriptor, int flags)
    {
        byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
        int fd = LibC.open(self, flags | LibC.O_CLOEXEC | LibC.O_NOCTTY, 0);
        return fd < 0 ? -Errno.Last : fd;
    }

    public static int SetMode(int descriptor, uint mode)
    {
        byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
        return LibC.fchmodat(LibC.AT_FDCWD, self, mode & 0xFFF, 0) == 0 ? 0 : Errno.Last;
    }

    /// <summary>The path of a directory's descriptor; empty where it has none.</summary>
    public static int PathOf(int descriptor, Span<byte> path)
    {
        byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
        fixed (byte* room = path)
            return (int)Math.Max(0, LibC.readlinkat(LibC.AT_FDCWD, self, room, (nuint)path.Length));
    }
}
