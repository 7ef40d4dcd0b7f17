using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Core.Wire;
using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>All extended attributes of a file at once.</summary>
internal static unsafe class Xattrs
{
    /// <summary>Writes them one after the other as <see cref="XattrList"/>. What does not fit any more is left out.</summary>
    /// <param name="descriptor">May be an O_PATH one.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="SafeKitException">They cannot be read: none of them is not the same as not known.</exception>
    public static int Collect(int descriptor, Span<byte> target)
    {
        byte* self = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(self, NativeText.DescriptorPathRoom));
        nint length = LibC.listxattr(self, null, 0);
        if (length < 0 && Errno.Last != Errno.EOPNOTSUPP)
            throw Unreadable("listxattr", Errno.Last);
        if (length <= 0)
            return 0;
        byte[] names = new byte[LibC.XATTR_SIZE_MAX];
        byte[] value = new byte[LibC.XATTR_SIZE_MAX];
        int written = 0;
        fixed (byte* list = names, room = value)
        {
            length = LibC.listxattr(self, list, LibC.XATTR_SIZE_MAX);
            if (length < 0)
                throw Unreadable("listxattr", Errno.Last);
            for (byte* name = list; name < list + length;)
            {
                ReadOnlySpan<byte> span = FuseRequest.Span(name);
                nint bytes = LibC.getxattr(self, name, room, LibC.XATTR_SIZE_MAX);
                if (bytes < 0 && Errno.Last is not (Errno.ENODATA or Errno.EOPNOTSUPP))
                    throw Unreadable("getxattr", Errno.Last);
                var entry = new XattrList { Name = span, Value = new ReadOnlySpan<byte>(room, (int)Math.Max(0, bytes)) };
                if (bytes >= 0 && written + entry.Bytes <= target.Length)
                    written += entry.Write(target[written..]);
                name += span.Length + 1;
            }
        }
        return written;
    }

    private static SafeKitException Unreadable(string call, int errno) =>
        new($"extended attributes cannot be read: {Errno.Describe(call, errno)}; look for disk errors (dmesg)");
}
