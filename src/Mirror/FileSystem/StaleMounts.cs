using System.Text;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// Mounts that a killed daemon left: every call on them fails with ENOTCONN. They are found by their file system type and never touched.
/// </summary>
public static unsafe class StaleMounts
{
    /// <summary>
    /// Lazily unmounts every replicated mount at exactly this path. The caller knows that no living process serves it.
    /// </summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="Core.SafeKitException">The kernel refuses.</exception>
    public static int Remove(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        int count = MountTable.Replicated().Count(point => point == full);
        for (int i = 0; i < count; i++)
        {
            int errno = Unmount(full, LibC.MNT_DETACH);
            if (errno != 0)
                throw new Core.SafeKitException($"{full}: the mount that a former daemon left cannot be removed: {Errno.Describe("umount", errno)}");
        }
        return count;
    }

    /// <returns>0, or errno.</returns>
    internal static int Unmount(string path, int flags)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            return LibC.umount2(name, flags | LibC.UMOUNT_NOFOLLOW) == 0 ? 0 : Errno.Last;
    }
}
