namespace SafeKit.Mirror;

/// <summary>Which calls wait until the other node has received them (attribute <c>wait</c>). fsync and its kin always wait.</summary>
public enum WaitPolicy
{
    /// <summary>fsync, fdatasync, O_SYNC writes, msync; and close of a file that was written, rename, link.</summary>
    Close = 0,

    /// <summary>fsync, fdatasync, O_SYNC writes, msync.</summary>
    Sync = 1,

    /// <summary>Every operation.</summary>
    All = 2,
}
