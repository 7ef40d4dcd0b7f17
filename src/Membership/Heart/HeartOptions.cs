namespace SafeKit.Membership;

/// <summary>Everything a <see cref="HeartRunner"/> needs.</summary>
public sealed record HeartOptions
{
    public required HeartSettings Settings { get; init; }

    /// <summary>Own and peer's addresses; as many lans as the settings have timings.</summary>
    public required IReadOnlyList<LanSettings> Lans { get; init; }

    /// <summary>32 bytes, the same on both nodes.</summary>
    public required ReadOnlyMemory<byte> ClusterKey { get; init; }

    /// <summary>Names the key's purpose, so that modules cannot read each other's heartbeats.</summary>
    public required string Module { get; init; }

    /// <summary>What the peer is told until something else is.</summary>
    public required HeartContent Content { get; init; }

    /// <summary>Distinguishes the lives of this node and must grow from one to the next, whatever the wall clock does.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Called once, on the heart's thread, when it cannot go on; the lease is 0 by then. Stop the process.</summary>
    public required Action<Exception> OnFatal { get; init; }
}
