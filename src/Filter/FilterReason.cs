namespace SafeKit.Filter;

/// <summary>
/// Why a packet passed or was dropped: <c>enum reason</c> of <c>ebpf/filter_structs.h</c>. Append only.
/// </summary>
public enum FilterReason : byte
{
    /// <summary>Not for a virtual address: untouched.</summary>
    Other = 0,
    Taken = 1,
    /// <summary>The bucket is no longer ours, but the connection lives here.</summary>
    TakenConnection = 2,
    TakenFragment = 3,
    /// <summary>Answered with the virtual MAC.</summary>
    NeighbourQuery = 4,
    NotMine = 6,
    LeaseExpired = 7,
    /// <summary>Ours, unknown here, perhaps alive on the former owner: not answered by a reset.</summary>
    ResetHeld = 8,
    NoRule = 9,
    FragmentUnknown = 10,
    FragmentDropped = 11,
    Malformed = 12,
    HeaderChain = 13,
    /// <summary>An ICMP error about a packet that the address did not send.</summary>
    IcmpForeign = 14,
    NeighbourProbe = 15,
    NeighbourClaim = 16,
    NeighbourElsewhere = 17,
}
