namespace SafeKit.Mirror.Operations;

[Flags]
public enum OperationFlags : byte
{
    None = 0,

    /// <summary>The name that goes was the last one of its inode.</summary>
    LastName = 1,

    /// <summary>fdatasync(2) instead of fsync(2).</summary>
    DataOnly = 2,

    /// <summary>Further parts of the same listing follow.</summary>
    More = 4,

    /// <summary>Belongs to a verification: compare and count, change nothing.</summary>
    Verify = 8,

    /// <summary>Sent by reintegration, not by the application: it counts as progress of it.</summary>
    Reintegration = 16,
}
