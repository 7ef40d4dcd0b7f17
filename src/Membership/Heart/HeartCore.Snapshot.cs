using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What status shows.</summary>
public sealed partial class HeartCore
{
    private MembershipDecision _lastDecision;

    public HeartSnapshot Snapshot(long nowNs)
    {
        return new HeartSnapshot
        {
            TakenNs = nowNs,
            Contact = Contact,
            Peer = PeerContent,
            PeerHeardNs = _lans.Max(lan => lan.ArrivedNs),
            LeaseRemainingMs = Math.Max(0, MonotonicClock.ToMs(LeaseUntilNs - nowNs)),
            LeaseHeldBack = IsLeaseHeldBack,
            LastDecision = _lastDecision,
            LansUp = [.. _lans.Select(lan => lan.IsUp)],
        };
    }
}
