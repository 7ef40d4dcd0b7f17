namespace SafeKit.Membership;

/// <summary>The heart at an instant.</summary>
public sealed record HeartSnapshot
{
    /// <summary>When this was true.</summary>
    public required long TakenNs { get; init; }

    public required HeartContact Contact { get; init; }

    /// <summary>What the peer said last; null if it was never heard.</summary>
    public required HeartContent? Peer { get; init; }

    /// <summary>When its newest heartbeat arrived; negative: never.</summary>
    public required long PeerHeardNs { get; init; }

    public required double LeaseRemainingMs { get; init; }

    /// <summary>The module wants the virtual address, but the lease waits for the peer.</summary>
    public required bool LeaseHeldBack { get; init; }

    public required MembershipDecision LastDecision { get; init; }

    /// <summary>In the order of the lans.</summary>
    public required IReadOnlyList<bool> LansUp { get; init; }

    /// <summary>Networks, as the shell knows them.</summary>
    public IReadOnlyList<LinkSnapshot> Links { get; init; } = [];

    /// <summary>Frames in the peer's name arrive that another cluster key has sealed.</summary>
    public bool AmongForeigners { get; init; }
}
