namespace SafeKit.Modules;

/// <summary>Attribute <c>wait</c> of <c>replicated</c>: which calls wait until the other node has received them. fsync and its kin always do.</summary>
public enum ReplicationWait
{
    /// <summary>fsync, fdatasync, O_SYNC writes, msync; and close of a file that was written, rename, link.</summary>
    Close = 0,

    /// <summary>fsync, fdatasync, O_SYNC writes, msync.</summary>
    Sync = 1,

    /// <summary>Every operation.</summary>
    All = 2,
}
