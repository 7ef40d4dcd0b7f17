using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror;

/// <summary>What a module's data is doing; a snapshot for people and programs.</summary>
public sealed record ReplicatedDataStatus
{
    public DataRole Role { get; init; }

    public DataStanding Standing { get; init; }

    /// <summary>Leading: the other node has everything that was told to anyone. Following: this node has it.</summary>
    public bool Paired { get; init; }

    /// <summary>The connection to the other node is up.</summary>
    public bool Connected { get; init; }

    /// <summary>What keeps this node's disk from taking the data, and what to do; null: nothing is known to.</summary>
    public string? Problem { get; init; }

    public ReintegrationProgress? Reintegration { get; init; }

    /// <summary>Operations recorded (leading) or applied (following) since the role began.</summary>
    public long Operations { get; init; }

    /// <summary>Bytes of operations sent or applied since the role began.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes sent and not yet applied by the other node.</summary>
    public long WindowBytes { get; init; }

    /// <summary>Journal: operations and bytes of data that the other node misses.</summary>
    public long JournalOperations { get; init; }

    public long DirtyBytes { get; init; }

    /// <summary>Moving averages of a barrier's parts, microseconds; 0 where none was seen lately.</summary>
    public double LocalDiskUs { get; init; }

    public double NetworkUs { get; init; }

    public double RemoteDiskUs { get; init; }
}
