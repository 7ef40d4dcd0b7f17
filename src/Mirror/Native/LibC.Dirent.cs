using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Native;

/// <summary>
/// dirent.h. An entry of getdents64(2): inode (8), offset of the next (8), length of the entry (2), type (1), name with its 0.
/// </summary>
internal static unsafe partial class LibC
{
    public const int DirentNameOffset = 19;
    public const byte DT_UNKNOWN = 0;

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint getdents64(int fd, byte* buffer, nuint length);
}
