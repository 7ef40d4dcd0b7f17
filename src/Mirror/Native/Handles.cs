using SafeKit.Core.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Native;

/// <summary>name_to_handle_at(2) and open_by_handle_at(2) with <see cref="FileHandle"/>.</summary>
internal static unsafe class Handles
{
    /// <summary>The handle of an open descriptor (also O_PATH). errno, or 0; EOPNOTSUPP where the file system has none.</summary>
    public static int Of(int fd, out FileHandle handle)
    {
        byte* raw = stackalloc byte[LibC.FileHandleHeaderBytes + FileHandle.BytesMax];
        byte empty = 0;
        int mountId;
        handle = default;
        *(int*)raw = FileHandle.BytesMax;
        if (LibC.name_to_handle_at(fd, &empty, raw, &mountId, LibC.AT_EMPTY_PATH) != 0)
            return Errno.Last;
        handle.Bytes = *(int*)raw;
        handle.Type = ((int*)raw)[1];
        new ReadOnlySpan<byte>(raw + LibC.FileHandleHeaderBytes, handle.Bytes).CopyTo(handle.Buffer);
        return 0;
    }

    /// <summary>Opens the inode again. The descriptor, or minus errno; ESTALE where it is gone.</summary>
    /// <param name="mount">Any open descriptor of the same file system, but not an O_PATH one.</param>
    public static int Open(int mount, in FileHandle handle, int flags)
    {
        byte* raw = stackalloc byte[LibC.FileHandleHeaderBytes + FileHandle.BytesMax];
        *(int*)raw = handle.Bytes;
        ((int*)raw)[1] = handle.Type;
        handle.Value.CopyTo(new Span<byte>(raw + LibC.FileHandleHeaderBytes, FileHandle.BytesMax));
        int fd = LibC.open_by_handle_at(mount, raw, flags | LibC.O_CLOEXEC);
        return fd < 0 ? -Errno.Last : fd;
    }
}
