using SafeKit.Membership;
using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// The other node as the heart sees it, put together for the machine: what it said, and what the comparison of both records means. Fed
/// from the heart's thread and from the module's loop.
/// </summary>
public sealed class PeerSighting(string ownName, string peerName, Func<GenerationRecord>? ownRecord, Action<MirrorPeer> changed)
{
    private readonly Lock _gate = new();
    private MirrorPresence _presence;
    private bool _late;
    private ulong _ownIncarnation;
    private HeartContent? _said;
    private MirrorFormerRole _ownFormerRole;
    private readonly Queue<(MirrorPeer Peer, ulong Incarnation)> _undealt = new();
    private MirrorPeer? _told;
    private ulong _incarnation;
    private ulong _dealtIncarnation;

    /// <summary>This life of the own heart, by which the peer's echo is judged.</summary>
    public void Begin(ulong ownIncarnation)
    {
        lock (_gate)
            _ownIncarnation = ownIncarnation;
    }

    public void Heard(HeartContent content, ulong incarnation) => Change(() =>
    {
        _presence = MirrorPresence.Heard;
        _said = content;
        _incarnation = incarnation;
    });

    public void Lost() => Change(() => _presence = MirrorPresence.Lost);

    public void Late(bool late) => Change(() => _late = late);

    /// <summary>The own record, or what this node was when both were last together, may have changed.</summary>
    public void OwnChanged(MirrorFormerRole formerRole) => Change(() => _ownFormerRole = formerRole);

    /// <summary>Life of the peer in which it said what the machine, which has dealt with all up to this one, knows of it; 0: none.</summary>
    public ulong IncarnationOf(MirrorPeer dealtWith)
    {
        lock (_gate)
        {
            if (_undealt.All(one => !ReferenceEquals(one.Peer, dealtWith)))
                return _dealtIncarnation;
            (MirrorPeer Peer, ulong Incarnation) one;
            do
                one = _undealt.Dequeue();
            while (!ReferenceEquals(one.Peer, dealtWith));
            return _dealtIncarnation = one.Incarnation;
        }
    }

    private void Change(Action change)
    {
        // Told under the lock, so that the newest is told last.
        lock (_gate)
        {
            change();
            var peer = Compose();
            if (peer == _told)
                return;
            _told = peer;
            _undealt.Enqueue((peer, _incarnation));
            changed(peer);
        }
    }

    private MirrorPeer Compose()
    {
        var said = _said is null ? new MirrorAnnouncement { State = Modules.MirrorState.Unknown } : HeartWords.Announcement(_said);
        var peer = new MirrorPeer
        {
            Name = peerName,
            Presence = _presence,
            Late = _late,
            LeftInGoodOrder = _said?.Has(HeartMarks.LeftInGoodOrder) ?? false,
            Said = said,
            Echo = _said?.EchoIncarnation == _ownIncarnation ? (long)_said.EchoNumber : 0,
        };
        return ownRecord is null ? peer : Compare(peer, ownRecord());
    }

    private MirrorPeer Compare(MirrorPeer peer, GenerationRecord own)
    {
        GenerationRecord? other = _said is { } said && GenerationRecordCodec.TryRead(said.Generation.Span, out var record) ? record : null;
        var isHeard = _presence == MirrorPresence.Heard;
        var sight = isHeard
            ? new PeerSight(peerName, HeartWords.Activity(peer.Said.State, peer.Said.Status), other)
            : new PeerSight(peerName, PeerActivity.Silent, null);
        var lead = LeadDecision.Decide(ownName, own, sight);
        return peer with
        {
            HasNewerData = other is not null && IsNewer(GenerationComparison.Compare(own, other).Relation),
            Verdict = HeartWords.Verdict(lead),
            Meeting = other is null
                ? null
                : HeartWords.Verdict(LeadDecision.DecideMeeting(
                    ownName, own, HeartWords.Role(_ownFormerRole), peerName, other, HeartWords.Role(peer.Said.FormerRole))),
        };
    }

    private static bool IsNewer(GenerationRelation relation) =>
        relation is GenerationRelation.PeerIsNewer or GenerationRelation.Diverged or GenerationRelation.OwnUnusable;
}
