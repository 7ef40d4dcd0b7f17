using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>Who is there: contact in both directions, and whom to follow.</summary>
public sealed partial class MembershipCore
{
    private NodeId _follows;
    private UInt128 _sees;

    private long _foreignHeardNs = long.MinValue;
    private bool _hadContact;

    /// <summary>How often this node's own loop was late by more than a pulse.</summary>
    public long LateCount { get; private set; }

    /// <summary>How long this peer may be silent: a leader gets the patience of mlost_count, a follower of slost_count.</summary>
    private long SilenceNs(PeerState peer)
    {
        bool leads = _promised is not null && _promised.Leader == peer.Node;
        return _settings.SilenceNs(leads ? _settings.MlostCount : _settings.SlostCount);
    }

    private bool IsLive(PeerState peer, long nowNs) =>
        peer.Heard && peer.HeardNs != long.MinValue && nowNs < peer.HeardNs + SilenceNs(peer);

    private long ContactEndsNs(PeerState peer)
    {
        long silenceNs = SilenceNs(peer);
        return Math.Min(peer.HeardNs + silenceNs, peer.EchoedNs + silenceNs + (2 * _settings.PulseNs));
    }

    /// <summary>
    /// Rule contact: the peer was heard lately, and its newest echo is of a heartbeat that this life of ours sent
    /// lately. The echo proves freshness: a replay of an old life cannot contain it.
    /// </summary>
    private bool HasContact(PeerState peer, long nowNs) =>
        IsLive(peer, nowNs)
        && peer.EchoedNs != long.MinValue
        && nowNs < ContactEndsNs(peer)
        && !peer.Last.Has(HeartbeatFlags.Departed);

    private void UpdateContacts(long nowNs, IMembershipOutput output)
    {
        _sees = UInt128.One << _self.Index;
        _follows = _self;
        for (int node = _peers.Length - 1; node >= 0; node--)
        {
            if (_peers[node] is not { } peer)
                continue;
            bool contact = HasContact(peer, nowNs);
            if (contact != peer.Mutual)
            {
                peer.Mutual = contact;
                _announce = true;
                ReportContact(peer, nowNs, output);
                _hadContact |= contact;
                if (!contact)
                    peer.ForgetContact(IsLive(peer, nowNs));
            }

            if (!contact)
                continue;
            _sees |= UInt128.One << node;
            if (peer.Node < _follows)
                _follows = peer.Node;
        }
    }

    private void ReportContact(PeerState peer, long nowNs, IMembershipOutput output)
    {
        if (peer.Mutual)
            Decide(output, "contact", $"node={peer.Node} incarnation={peer.Incarnation}");
        else if (peer.Last.Has(HeartbeatFlags.Departed))
            Decide(output, "departed", $"node={peer.Node}");
        else if (IsLive(peer, nowNs))
            Decide(output, "not-heard-by", $"node={peer.Node} unheardMs={SinceMs(peer.EchoedNs, nowNs):F0}");
        else
            Decide(output, "crash-detected", $"node={peer.Node} silentMs={SinceMs(peer.HeardNs, nowNs):F0}");
    }

    /// <summary>
    /// A frame in the name of a configured node that is not sealed with our key. Whoever starts among nodes that it cannot
    /// understand has probably the wrong key itself, and must not answer beside them. Once a node has acted or had
    /// contact such frames mean nothing: anybody can send them.
    /// </summary>
    public void HearForeign(long nowNs) => _foreignHeardNs = nowNs;

    private bool IsAmongForeigners(long nowNs) =>
        _foreignHeardNs != long.MinValue
        && !_hadContact
        && _lastActive is null
        && nowNs < _foreignHeardNs + (_settings.SlostCount * _settings.PulseNs);

    private static double SinceMs(long thenNs, long nowNs) => thenNs == long.MinValue ? -1 : MonotonicClock.ToMs(nowNs - thenNs);
}
