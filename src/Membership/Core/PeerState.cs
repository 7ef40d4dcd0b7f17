using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What this node knows of another one, all from its heartbeats. Times are of the local clock.</summary>
internal sealed class PeerState(NodeId node)
{
    public NodeId Node { get; } = node;

    /// <summary>0 until a heartbeat was heard.</summary>
    public ulong Incarnation { get; private set; }

    public ulong Sequence { get; set; }

    /// <summary>The newest heartbeat of the peer; meaningful only if <see cref="Incarnation"/> is not 0.</summary>
    public Heartbeat Last { get; set; }

    /// <summary>For detection: moved forward by what this node itself was late.</summary>
    public long HeardNs { get; set; }

    /// <summary>For detection: when we sent the newest heartbeat of ours that the peer has heard; moved like <see cref="HeardNs"/>.</summary>
    public long EchoedNs { get; set; }

    /// <summary>For fences: the true time of the newest heartbeat, of whatever view.</summary>
    public long ReceivedNs { get; set; }

    /// <summary>For fences: the newest heartbeat of the peer that may have prolonged the peer's lease through us.</summary>
    public long LeaseHeardNs { get; set; } = long.MinValue;

    /// <summary>For our lease: when we sent the newest heartbeat that the peer has acknowledged under the view promised now.</summary>
    public long AckedSentNs { get; set; } = long.MinValue;

    /// <summary>When the fences that the peer reported for its promised view will have ended.</summary>
    public long FencesEndNs { get; set; }

    /// <summary>Contact in both directions.</summary>
    public bool Mutual { get; set; }

    /// <summary>Since when the peer follows whom it follows now.</summary>
    public long FollowsSinceNs { get; set; }

    /// <summary>The newest heartbeat with another configuration than ours: the peer is no partner, but it may well act.</summary>
    public Heartbeat Stranger { get; set; }

    /// <summary>When <see cref="Stranger"/> was heard; long.MinValue for never.</summary>
    public long StrangerHeardNs { get; set; } = long.MinValue;

    public bool SignatureReported { get; set; }

    public PeerReports Reports { get; } = new();

    public bool Heard => Incarnation != 0;

    public void BeginLife(ulong incarnation)
    {
        Incarnation = incarnation;
        Sequence = 0;
        Last = default;
        HeardNs = long.MinValue;
        EchoedNs = long.MinValue;
        AckedSentNs = long.MinValue;
        FencesEndNs = 0;
        Mutual = false;
        SignatureReported = false;
        Reports.Forget();
    }

    /// <summary>
    /// Contact that was lost comes back by new heartbeats only, not because patience with the peer has grown since
    /// (it depends on who leads).
    /// </summary>
    public void ForgetContact(bool stillHeard)
    {
        EchoedNs = long.MinValue;
        if (!stillHeard)
            HeardNs = long.MinValue;
    }

    public void ShiftDetection(long byNs, long nowNs)
    {
        if (HeardNs != long.MinValue)
            HeardNs = Math.Min(nowNs, HeardNs + byNs);
        if (EchoedNs != long.MinValue)
            EchoedNs = Math.Min(nowNs, EchoedNs + byNs);
    }
}
