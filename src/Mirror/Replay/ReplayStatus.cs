using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror.Replay;

/// <summary>What the secondary's side is doing, for <see cref="ReplicatedDataStatus"/>.</summary>
public sealed record ReplayStatus
{
    public bool IsConnected { get; init; }

    public DataStanding Standing { get; init; }

    /// <summary>Operations applied since this node follows.</summary>
    public long Operations { get; init; }

    /// <summary>Bytes of these operations.</summary>
    public long Bytes { get; init; }

    /// <summary>What could not be applied here last, and is tried again; null: nothing, or it was since.</summary>
    public string? Problem { get; init; }

    /// <summary>As far as this side knows it: what is done, not what there is.</summary>
    public ReintegrationProgress? Reintegration { get; init; }
}
