namespace SafeKit.Membership;

/// <summary>What the daemon does for the heart's thread; called on that thread, so it must be quick and never wait.</summary>
public interface IHeartSink
{
    /// <summary>The instant of the monotonic clock until which the filter may take packets; 0 for not at all.</summary>
    void SetLease(long untilMonotonicNs);

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

    void Log(in MembershipDecision decision);
}
