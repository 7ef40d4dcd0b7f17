using System.Text;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// Why a directory that exists cannot be replicated as it is mounted now, and what to do. Looks into /proc/self/mountinfo and writes nothing;
/// not for a directory that is mounted over by us.
/// </summary>
public static unsafe class DirectoryObstacle
{
    /// <summary>For people; null where there is none.</summary>
    public static string? Of(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        IReadOnlyList<MountEntry> mounts = MountEntry.ReadAll();
        if (mounts.FirstOrDefault(mount => mount.IsBelow(full)) is { } below)
        {
            return $"{below.Point}, below {full}, is a mount point: it would be hidden while {full} is replicated; unmount it "
                + $"(umount {below.Point}), mount it elsewhere, or replicate it as a directory of its own instead";
        }

        if (MountOf(full) is not { } id || mounts.FirstOrDefault(mount => mount.Id == id) is not { IsReadOnly: true } own)
            return null;
        return own.HasStopped
            ? $"{full}: its file system ({own.Source}) has stopped writing after an error: look for disk errors (dmesg), "
                + $"then umount {own.Point}, fsck {own.Source}, mount {own.Point}"
            : $"{full}: its file system is mounted read-only; make it writable (mount -o remount,rw {own.Point})";
    }

    private static ulong? MountOf(string path)
    {
        Statx status;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            return LibC.statx(LibC.AT_FDCWD, name, 0, LibC.STATX_MNT_ID, &status) == 0 ? status.MountId : null;
    }
}
