using SafeKit.Core.Native;

namespace SafeKit.Mirror;

/// <summary>What an administrator does about a disk that refuses.</summary>
internal static class DiskRemedy
{
    /// <summary>For people; null where the error is none of the disk.</summary>
    public static string? Of(int errno) => errno switch
    {
        Errno.ENOSPC => "make room",
        Errno.EDQUOT => "raise the quota",
        Errno.EROFS => "look for disk errors (dmesg), and make the file system writable (mount -o remount,rw)",
        Errno.EIO => "look for disk errors (dmesg)",
        _ => null,
    };
}
