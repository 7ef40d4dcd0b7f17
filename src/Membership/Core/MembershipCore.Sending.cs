using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What this node tells the others. Nothing here allocates.</summary>
public sealed partial class MembershipCore
{
    /// <summary>Parts sent to one member at once: a burst that socket buffers bear.</summary>
    private const int PartsPerBurstMax = 64;

    private ulong _sequence;

    private void Announce(long nowNs, IMembershipOutput output)
    {
        _announce = false;
        foreach (PeerState? peer in _peers)
        {
            if (peer is null)
                continue;
            SendHeartbeat(peer, nowNs, output);
            // All were sent the proposal when it was made; who has not promised it a pulse later is sent again what it lacks.
            SendTable(peer, withProposal: nowNs >= _joinsNotBeforeNs, output);
        }
    }

    /// <summary>The proposal, or the table of the active view, to a peer that lacks it.</summary>
    private void SendTable(PeerState peer, bool withProposal, IMembershipOutput output)
    {
        bool lacksProposal = withProposal && LeadsPromised && _promised!.Contains(peer.Node, peer.Incarnation)
            && peer.Last.Promised < _promised.Id;
        if (lacksProposal)
            SendView(peer, _proposal!, output);
        else
            ReportTable(peer, output);
    }

    private void SendHeartbeat(PeerState peer, long nowNs, IMembershipOutput output)
    {
        View? active = nowNs < LeaseUntilNs && !_yielding ? _active : null;
        HeartbeatFlags flags = (_serving ? HeartbeatFlags.Serving : 0)
            | (_leaving ? HeartbeatFlags.Leaving : 0)
            | (_departed ? HeartbeatFlags.Departed : 0)
            | (_holdsUnlisted ? HeartbeatFlags.HoldsUnlisted : 0)
            | (_holdsAny ? HeartbeatFlags.Holds : 0)
            | (_takesDifferences ? HeartbeatFlags.TakesDifferences : 0)
            | (LeadsPromised && _activationKnown ? HeartbeatFlags.Activate : 0)
            | (active is not null && active.Contains(peer.Node, peer.Incarnation) ? HeartbeatFlags.ActiveContainsReceiver : 0);
        (ViewId collected, int partsHeld) = Collected(peer.Node);
        var heartbeat = new Heartbeat
        {
            Sender = _self,
            Incarnation = _incarnation,
            Sequence = ++_sequence,
            SentNs = nowNs,
            Echo = new HeartbeatEcho(peer.Incarnation, peer.Sequence, peer.Last.SentNs),
            ConfigurationSignature = _settings.ConfigurationSignature,
            Flags = flags,
            Follows = _follows,
            Promised = _promised?.Id ?? ViewId.None,
            FenceRemainingNs = Math.Max(0, _ownFencesEndNs == long.MinValue ? 0 : _ownFencesEndNs - nowNs),
            Active = active?.Id ?? ViewId.None,
            ActiveMembers = (byte)(active?.Members.Length ?? 0),
            Proposal = collected,
            PartsHeld = (ushort)partsHeld,
            Sees = _sees,
        };
        Span<byte> frame = stackalloc byte[Heartbeat.Size];
        heartbeat.Format(frame);
        output.Send(peer.Node, frame);
    }

    /// <summary>The view that this node proposes or, to others, whose parts it is collecting, and how many it has.</summary>
    private (ViewId View, int PartsHeld) Collected(NodeId receiver)
    {
        if (_active is null && _follows == _self && _reportAssembler.View == _awaitedTable && _awaitedTable.Exists
            && _awaitedTable != _reported?.Id && !(LeadsPromised && _promised!.Contains(receiver)))
            return (_awaitedTable, _reportAssembler.PartsHeld);

        // Also one that leads a view of its own tells the leader that it goes over to how much it has: otherwise it gets the first burst for ever.
        if (_assembler.View.Leader == receiver && _assembler.View > (_promised?.Id ?? ViewId.None))
            return (_assembler.View, _assembler.PartsHeld);
        if (LeadsPromised)
            return (_promised!.Id, 0);
        return _assembler.View > (_promised?.Id ?? ViewId.None) ? (_assembler.View, _assembler.PartsHeld) : (ViewId.None, 0);
    }

    /// <summary>Sends what the peer lacks of a view, from the first part that it does not hold.</summary>
    private void SendView(PeerState peer, OutgoingView outgoing, IMembershipOutput output)
    {
        EncodedView encoded = EncodedFor(peer, outgoing);
        byte[] bytes = encoded.Bytes;
        ViewId view = outgoing.View.Id;
        int count = ViewPart.CountFor(bytes.Length);
        int first = peer.Last.Proposal == view ? peer.Last.PartsHeld % count : 0;
        Span<byte> frame = stackalloc byte[ViewPart.HeaderBytes + ViewPart.PayloadBytesMax];
        for (int index = first; index < Math.Min(count, first + PartsPerBurstMax); index++)
        {
            int start = index * ViewPart.PayloadBytesMax;
            int length = Math.Min(ViewPart.PayloadBytesMax, bytes.Length - start);
            var part = new ViewPart
            {
                Sender = _self,
                Incarnation = _incarnation,
                View = view,
                IsDifference = encoded.IsDifference,
                Index = (ushort)index,
                Count = (ushort)count,
                ViewBytes = (uint)bytes.Length,
                Digest = encoded.Digest,
                Payload = bytes.AsSpan(start, length),
            };
            part.Format(frame);
            output.Send(peer.Node, frame[..part.Size]);
        }
    }
}
