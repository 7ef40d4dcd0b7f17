namespace SafeKit.Membership;

/// <summary>What the core wants done, in the order of the calls. The shell carries each out before it returns.</summary>
public interface IHeartOutput
{
    void Send(int lan, ReadOnlySpan<byte> frame);

    /// <summary>The instant of the local monotonic clock until which this node may answer for the virtual address; 0: not at all.</summary>
    void SetLease(long untilNs);

    /// <summary>The peer is there, and this is what it says; again whenever it says something else, or has been started anew.</summary>
    void PeerHeard(HeartContent content, ulong incarnation);

    /// <summary>Nothing was heard of the peer for the timeout on any lan, or never since the start.</summary>
    void PeerLost();

    /// <summary>
    /// This node was itself away within the last timeout: that nothing was heard then says nothing about the peer. False once it has listened for the whole timeout, or
    /// has had an answer.
    /// </summary>
    void LateChanged(bool late);

    void LanChanged(int lan, bool up);

    void Decide(in MembershipDecision decision);
}
