namespace SafeKit.Mirror.Operations;

/// <summary>Numbers of files in operations: the primary's inode numbers, and one for the replicated directory itself.</summary>
public static class FileId
{
    public const ulong None = 0;

    /// <summary>The replicated directory (as FUSE_ROOT_ID of linux/fuse.h).</summary>
    public const ulong Root = 1;
}
