using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What a heartbeat changes.</summary>
public sealed partial class MembershipCore
{
    private ulong _seenCounter;

    private void OnHeartbeat(in Heartbeat heartbeat, long nowNs, IMembershipOutput output)
    {
        if (PeerOf(heartbeat.Sender) is not { } peer || heartbeat.Incarnation == 0)
            return;
        if (heartbeat.ConfigurationSignature != _settings.ConfigurationSignature)
        {
            peer.Stranger = heartbeat;
            peer.StrangerHeardNs = nowNs;
            ReportOtherConfiguration(peer, heartbeat, output);
            return;
        }

        if (heartbeat.Incarnation < peer.Incarnation)
            return;
        if (heartbeat.Incarnation > peer.Incarnation)
        {
            if (peer.Heard)
                Decide(output, "restarted", $"node={peer.Node} incarnation={heartbeat.Incarnation}");
            peer.BeginLife(heartbeat.Incarnation);
        }

        if (heartbeat.Sequence <= peer.Sequence)
            return;
        ViewId promisedBefore = peer.Last.Promised;
        int partsBefore = heartbeat.Proposal == peer.Last.Proposal ? peer.Last.PartsHeld : 0;
        bool lacksMore = EndsBurst(partsBefore, heartbeat.PartsHeld);
        if (peer.Last.Follows != heartbeat.Follows)
            peer.FollowsSinceNs = nowNs;
        peer.Sequence = heartbeat.Sequence;
        peer.Last = heartbeat;
        peer.HeardNs = nowNs;
        peer.ReceivedNs = nowNs;
        if (IsEchoOfUs(heartbeat, nowNs))
            peer.EchoedNs = Math.Max(peer.EchoedNs, heartbeat.Echo.SentNs);
        ulong counter = Math.Max(heartbeat.Promised.Counter, Math.Max(heartbeat.Active.Counter, heartbeat.Proposal.Counter));
        _seenCounter = Math.Max(_seenCounter, counter);
        if (heartbeat.Has(HeartbeatFlags.Departed))
            peer.LeaseHeardNs = long.MinValue;
        if (_promised is not null)
            OnHeartbeatOfMember(peer, heartbeat, promisedBefore, _promised, nowNs, output);
        if (lacksMore)
            SendTable(peer, withProposal: true, output);
    }

    private void OnHeartbeatOfMember(
        PeerState peer, in Heartbeat heartbeat, ViewId promisedBefore, View promised, long nowNs, IMembershipOutput output)
    {
        if (Mistaken(ProtocolMistake.AcceptAcksOfOtherViews) && IsEchoOfUs(heartbeat, nowNs))
            peer.AckedSentNs = Math.Max(peer.AckedSentNs, heartbeat.Echo.SentNs);
        if (!promised.Contains(peer.Node, peer.Incarnation))
            return;
        bool activated = heartbeat.Active == promised.Id
            || (heartbeat.Proposal == promised.Id && heartbeat.Sender == promised.Leader
                && heartbeat.Has(HeartbeatFlags.Activate));
        _activationKnown |= activated;
        if (heartbeat.Promised != promised.Id)
            return;

        NoteUnlisted(peer, nowNs, output);
        // Its echo below, and every echo we send it from now on, may prolong a lease: from here on a fence is owed.
        peer.LeaseHeardNs = nowNs;
        peer.FencesEndNs = nowNs + heartbeat.FenceRemainingNs;
        if (IsEchoOfUs(heartbeat, nowNs) && heartbeat.Echo.Sequence > _promisedAtSequence)
        {
            long sentNs = Mistaken(ProtocolMistake.LeaseFromReceiveTime) ? nowNs : heartbeat.Echo.SentNs;
            peer.AckedSentNs = Math.Max(peer.AckedSentNs, sentNs);
        }

        // The peer has just joined us in this view and needs our acknowledgement for its lease: now, not at the next pulse.
        if (promisedBefore != heartbeat.Promised)
            SendHeartbeat(peer, nowNs, output);
    }

    private void OnViewPart(in ViewPart part, long nowNs, IMembershipOutput output)
    {
        if (PeerOf(part.Sender) is not { } peer || part.Incarnation != peer.Incarnation || _departed)
            return;
        bool fromLeader = part.Sender == _follows && part.View.Leader == part.Sender
            && part.View.LeaderIncarnation == part.Incarnation;
        if (_follows == _self)
            OnReportPart(part, peer, nowNs, output);
        bool newer = _promised is null || part.View > _promised.Id
            || (Mistaken(ProtocolMistake.AcceptLowerViews) && part.View != _promised.Id);
        if (!newer || (!fromLeader && !Mistaken(ProtocolMistake.AcceptLowerViews)))
            return;
        // Overtaken by a later proposal of the same life of the leader; a new life may well begin with lower ones.
        bool sameLife = part.View.Leader == _assembler.View.Leader
            && part.View.LeaderIncarnation == _assembler.View.LeaderIncarnation;
        if (sameLife && part.View < _assembler.View && !Mistaken(ProtocolMistake.AcceptLowerViews))
            return;
        int partsBefore = _assembler.PartsHeld;
        View? view = Assembled(_assembler, part, output);
        if (view is null && EndsBurst(partsBefore, _assembler.PartsHeld))
            SendHeartbeat(peer, nowNs, output);
        if (view is null || !view.Contains(_self, _incarnation) || view.Table.Groups != _settings.Groups.Count)
            return;
        Promise(view, nowNs, output);
    }

    private bool IsEchoOfUs(in Heartbeat heartbeat, long nowNs) =>
        heartbeat.Echo.Incarnation == _incarnation && heartbeat.Echo.SentNs <= nowNs && heartbeat.Echo.SentNs >= _startedNs;

    private PeerState? PeerOf(NodeId node) => node.Index < _peers.Length ? _peers[node.Index] : null;

    private void ReportOtherConfiguration(PeerState peer, in Heartbeat heartbeat, IMembershipOutput output)
    {
        if (peer.SignatureReported)
            return;
        peer.SignatureReported = true;
        Decide(output, "configuration-differs", $"node={peer.Node} signature={heartbeat.ConfigurationSignature:x16}: it is not let in");
    }
}
