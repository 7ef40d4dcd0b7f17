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
    /// <summary>Ours, and answered by the filter with a SYN cookie: too many for the kernel.</summary>
    CookieSent = 18,
    /// <summary>Directed: a member sent it on, and nobody is left who may have it.</summary>
    ForwardEnded = 24,
    /// <summary>Directed: nobody owns the bucket, or the owner's MAC is not known yet.</summary>
    ForwardUnknown = 25,
    /// <summary>Directed: the frame is for the MAC of another machine.</summary>
    NotAddressed = 26,
    /// <summary>Directed: sent on to the owner.</summary>
    Forwarded = 28,
    /// <summary>Directed: sent on to a former owner, who may have the connection.</summary>
    ForwardedFormer = 29,
}
