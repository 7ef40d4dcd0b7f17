namespace SafeKit.Membership;

/// <summary>What the core wants done, in the order of the calls. The shell carries each out before it returns.</summary>
public interface IHeartOutput
{
    void Send(int lan, ReadOnlySpan<byte> frame);

    /// <summary>The instant of the local monotonic clock until which this node may answer for the virtual address; 0: not at all.</summary>
    void SetLease(long untilNs);

    /// <summary>The peer is there, and this is what it says; again whenever it says something else.</summary>
    void PeerHeard(HeartContent content);

    /// <summary>Nothing was heard of the peer for the timeout on any lan, or never since the start.</summary>
    void PeerLost();

    void LanChanged(int lan, bool up);

    void Decide(in MembershipDecision decision);
}
