using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>The state for status.</summary>
public sealed partial class MembershipCore
{
    private MembershipDecision _lastDecision = new("start", "");

    public MembershipSnapshot Snapshot(long nowNs)
    {
        var peers = new List<PeerSnapshot>();
        foreach (PeerState? peer in _peers)
        {
            if (peer is null)
                continue;
            peers.Add(new PeerSnapshot(
                peer.Node,
                peer.Mutual,
                peer.Heard ? SinceMs(peer.ReceivedNs, nowNs) : -1,
                peer.Last.Has(HeartbeatFlags.Serving),
                peer.Last.Has(HeartbeatFlags.Leaving),
                peer.Last.Follows,
                peer.Last.Promised,
                peer.Last.Active,
                peer.SignatureReported));
        }

        View? active = ActiveView;
        return new MembershipSnapshot
        {
            TakenNs = nowNs,
            Self = _self,
            Incarnation = _incarnation,
            Active = active,
            Promised = _promised,
            Activated = _activationKnown,
            Follows = _follows,
            LeaseRemainingMs = Math.Max(0, MonotonicClock.ToMs(LeaseUntilNs - nowNs)),
            Serving = _serving,
            Leaving = _leaving,
            Departed = _departed,
            MayStop = MayStop(nowNs),
            HoldsNothing = HoldsNothing,
            MayHold = _rows.AsSpan().Count((byte)RowFlags.MayHoldConnections),
            ResetsHeld = _rows.AsSpan().Count((byte)(RowFlags.Mine | RowFlags.HoldResets)),
            Yielding = _yielding,
            AmongForeigners = IsAmongForeigners(nowNs),
            LateCount = LateCount,
            Held = CountHeld(active is not null),
            Peers = peers,
            LastDecision = _lastDecision,
        };
    }

    private int[] CountHeld(bool acting)
    {
        int[] held = new int[_settings.Groups.Count];
        for (int i = 0; acting && i < _rows.Length; i++)
            held[i / Limits.BucketsPerGroup] += _rows[i] & (byte)RowFlags.Mine;
        return held;
    }
}
