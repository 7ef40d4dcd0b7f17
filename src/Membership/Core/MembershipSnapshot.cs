using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>Everything status shows of the membership, at one instant. Never changed once made.</summary>
public sealed record MembershipSnapshot
{
    public required long TakenNs { get; init; }

    public required NodeId Self { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>The view by which this node takes packets; null if it takes none.</summary>
    public required View? Active { get; init; }

    /// <summary>The newest view for which this node has released what it does not own there.</summary>
    public required View? Promised { get; init; }

    /// <summary>The promised view was activated by its leader.</summary>
    public required bool Activated { get; init; }

    public required NodeId Follows { get; init; }

    public required double LeaseRemainingMs { get; init; }

    public required bool Serving { get; init; }

    public required bool Leaving { get; init; }

    public required bool Departed { get; init; }

    public required bool MayStop { get; init; }

    public required bool HoldsNothing { get; init; }

    /// <summary>Buckets that are not this node's, of which it may hold connections: they are counted until none is left.</summary>
    public required int MayHold { get; init; }

    /// <summary>Buckets of this node in which resets are held back.</summary>
    public required int ResetsHeld { get; init; }

    public required bool Yielding { get; init; }

    /// <summary>It yields because all it hears is sealed with another key.</summary>
    public required bool AmongForeigners { get; init; }

    public required long LateCount { get; init; }

    /// <summary>Buckets that this node takes now, for each group.</summary>
    public required IReadOnlyList<int> Held { get; init; }

    public required IReadOnlyList<PeerSnapshot> Peers { get; init; }

    /// <summary>The rule of the last decision, with its inputs.</summary>
    public required MembershipDecision LastDecision { get; init; }
}
