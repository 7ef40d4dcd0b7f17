namespace SafeKit.Core.Control;

/// <summary>What a mirror's data is doing on this node.</summary>
/// <param name="Role">none, leading or following.</param>
/// <param name="Standing">What the record says: unknown, alone, paired, outdated or inconsistent.</param>
/// <param name="Paired">Both nodes have the same data, and know it.</param>
/// <param name="WindowBytes">Sent and not yet applied by the other node.</param>
/// <param name="JournalOperations">Operations that the other node misses.</param>
/// <param name="DirtyBytes">Bytes of data that the other node misses.</param>
/// <param name="LocalDiskUs">Average part of the local disk in a barrier, in microseconds; 0 where none was seen lately.</param>
/// <param name="NetworkUs">Part of the network.</param>
/// <param name="RemoteDiskUs">Part of the other node's disk.</param>
/// <param name="ReplicationKBs">KB/s of operations, averaged over three seconds.</param>
/// <param name="ReintegrationKBs">KB/s of reintegration, averaged over three seconds.</param>
public sealed record ReplicationState(
    string Role,
    string Standing,
    bool Paired,
    bool Connected,
    long Operations,
    long Bytes,
    long WindowBytes,
    long JournalOperations,
    long DirtyBytes,
    double LocalDiskUs,
    double NetworkUs,
    double RemoteDiskUs,
    double ReplicationKBs,
    double ReintegrationKBs,
    IReadOnlyList<string> Directories,
    ReintegrationState? Reintegration);
