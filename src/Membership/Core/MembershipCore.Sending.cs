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
            bool lacksProposal = LeadsPromised && _promised!.Contains(peer.Node, peer.Incarnation)
                && peer.Last.Promised < _promised.Id && nowNs >= _joinsNotBeforeNs;
            if (lacksProposal)
                SendProposal(peer, output);
        }

        if (_rowsDelayed)
            InstallRows(output);
    }

    private void SendHeartbeat(PeerState peer, long nowNs, IMembershipOutput output)
    {
        View? active = nowNs < LeaseUntilNs && !_yielding ? _active : null;
        HeartbeatFlags flags = (_serving ? HeartbeatFlags.Serving : 0)
            | (_leaving ? HeartbeatFlags.Leaving : 0)
            | (_departed ? HeartbeatFlags.Departed : 0)
            | (IsDrained ? HeartbeatFlags.Drained : 0)
            | (LeadsPromised && _activationKnown ? HeartbeatFlags.Activate : 0)
            | (active is not null && active.Contains(peer.Node, peer.Incarnation) ? HeartbeatFlags.ActiveContainsReceiver : 0);
        bool collects = !LeadsPromised && _assembler.View > (_promised?.Id ?? ViewId.None);
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
            Proposal = LeadsPromised ? _promised!.Id : collects ? _assembler.View : ViewId.None,
            PartsHeld = collects ? (ushort)_assembler.PartsHeld : (ushort)0,
            Sees = _sees,
        };
        Span<byte> frame = stackalloc byte[Heartbeat.Size];
        heartbeat.Format(frame);
        output.Send(peer.Node, frame);
    }

    private void SendProposal(PeerState peer, IMembershipOutput output)
    {
        int count = ViewPart.CountFor(_proposalBytes.Length);
        int first = peer.Last.Proposal == _promised!.Id ? peer.Last.PartsHeld % count : 0;
        Span<byte> frame = stackalloc byte[ViewPart.HeaderBytes + ViewPart.PayloadBytesMax];
        for (int index = first; index < Math.Min(count, first + PartsPerBurstMax); index++)
        {
            int start = index * ViewPart.PayloadBytesMax;
            int length = Math.Min(ViewPart.PayloadBytesMax, _proposalBytes.Length - start);
            var part = new ViewPart
            {
                Sender = _self,
                Incarnation = _incarnation,
                View = _promised.Id,
                Index = (ushort)index,
                Count = (ushort)count,
                ViewBytes = (uint)_proposalBytes.Length,
                Digest = _proposalDigest,
                Payload = _proposalBytes.AsSpan(start, length),
            };
            part.Format(frame);
            output.Send(peer.Node, frame[..part.Size]);
        }
    }
}
