using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// From which table the next one is made, so that the fewest buckets move. A leader that acts on a view uses that one. A leader
/// that acts on none (it has just started, or was paused) is sent the table of those who do, and waits for it a little.
/// </summary>
public sealed partial class MembershipCore
{
    /// <summary>A table that has not come after so many pulses is not waited for: agreement matters more than few moves.</summary>
    private const int TableWaitPulses = 6;

    private readonly ViewAssembler _reportAssembler = new();
    private View? _reported;

    /// <summary>From which view this node's newest proposal was made.</summary>
    private View? _proposedFrom;
    private ViewId _awaitedTable;
    private long _awaitTableUntilNs;
    private OutgoingView? _report;

    private View? BaseView(UInt128 desired)
    {
        if (_active is null && _reported is not null && _reported.Id == LargestActive(desired))
            return _reported;
        // A proposal of ours that never became active moved nothing: what the members hold is the view from which it was
        // made, whether or not this node has acted on that one: others may have, as soon as they heard that it is active.
        bool promisedMayBeActive = _promised is not null && (!LeadsPromised || _activationKnown);
        return promisedMayBeActive ? _promised : _proposedFrom ?? _lastActive ?? _promised;
    }

    /// <summary>Rule await-table: see the type's summary.</summary>
    private bool TableMustArrive(UInt128 desired, long nowNs)
    {
        if (_active is not null)
            return false;
        ViewId wanted = LargestActive(desired);
        if (!wanted.Exists || wanted == _reported?.Id || wanted == _promised?.Id)
            return false;
        if (_awaitedTable != wanted)
        {
            _awaitedTable = wanted;
            _awaitTableUntilNs = nowNs + (TableWaitPulses * _settings.PulseNs);
            _announce = true;
        }

        return nowNs < _awaitTableUntilNs;
    }

    /// <summary>The active view of the desired members that has most members; of equal ones the newest.</summary>
    private ViewId LargestActive(UInt128 desired)
    {
        ViewId best = ViewId.None;
        int size = 0;
        foreach (PeerState? peer in _peers)
        {
            if (peer is null || (desired >> peer.Node.Index & UInt128.One) == UInt128.Zero || !peer.Last.Active.Exists)
                continue;
            if (peer.Last.ActiveMembers < size || (peer.Last.ActiveMembers == size && peer.Last.Active <= best))
                continue;
            best = peer.Last.Active;
            size = peer.Last.ActiveMembers;
        }

        return best;
    }

    private void OnReportPart(in ViewPart part, PeerState peer, long nowNs, IMembershipOutput output)
    {
        if (_active is not null || part.View == _reported?.Id)
            return;
        int partsBefore = _reportAssembler.PartsHeld;
        View? view = Assembled(_reportAssembler, part, output);
        if (view is not null && view.Table.Groups == _settings.Groups.Count)
            _reported = view;
        else if (EndsBurst(partsBefore, _reportAssembler.PartsHeld))
            SendHeartbeat(peer, nowNs, output);
    }

    /// <summary>Rule report-table: the lowest member of an active view sends it to a leader that acts on none.</summary>
    private void ReportTable(PeerState leader, IMembershipOutput output)
    {
        bool lacks = leader.Mutual && leader.Node == _follows && leader.Last.Follows == leader.Node && !leader.Last.Active.Exists;
        if (!lacks || _active is null || LowestOf(_active, leader.Node) != _self)
            return;
        if (_report?.View != _active)
            _report = new OutgoingView(_active);
        SendView(leader, _report, output);
    }

    private NodeId LowestOf(View view, NodeId except)
    {
        foreach (ViewMember member in view.Members)
        {
            if (member.Node != except && (_sees >> member.Node.Index & UInt128.One) != UInt128.Zero)
                return member.Node;
        }

        return _self;
    }

    private BucketTable NextTable(ReadOnlySpan<ViewMember> desired, UInt128 mask, long nowNs)
    {
        int groups = _settings.Groups.Count;
        View? last = BaseView(mask);
        BucketTable previous = last is null || Mistaken(ProtocolMistake.RebalanceFromScratch)
            ? BucketTable.Empty(groups)
            : last.Table;
        var powers = new int[groups][];
        for (int group = 0; group < groups; group++)
        {
            powers[group] = new int[_settings.NodeCount];
            foreach (ViewMember member in desired)
            {
                if (member.Serving)
                    powers[group][member.Node.Index] = _settings.Groups[group].PowerByNode[member.Node.Index];
            }
        }

        BucketTable next = BucketAssignment.Next(previous, mask, powers, Released(last), Pinned(previous, nowNs));
        if (Mistaken(ProtocolMistake.ForgetFormerHolders))
            return new BucketTable(groups, next.Owners.ToArray(), new UInt128[next.Formers.Length]);
        if (Mistaken(ProtocolMistake.RememberOneFormerHolder))
            return WithOneHolder(next);
        return BucketAssignment.WithMergedHolders(next, MergedMask(desired, last));
    }

    /// <summary>
    /// What was released counts for members whose newest promise is the view under which they said so. A proposal that never became
    /// active moved nothing, so it counts for the view before it as well.
    /// </summary>
    private ReadOnlySpan<UInt128> Released(View? last)
    {
        if (last is null || _promised is null || last == _reported)
            return default;
        UInt128 counting = UInt128.One << _self.Index;
        foreach (PeerState? peer in _peers)
        {
            if (peer is not null && peer.Last.Promised == _promised.Id)
                counting |= UInt128.One << peer.Node.Index;
        }

        UInt128[] released = [.. _released];
        for (int i = 0; i < released.Length; i++)
            released[i] &= counting;
        return released;
    }

    private static BucketTable WithOneHolder(BucketTable table)
    {
        UInt128[] formers = table.Formers.ToArray();
        for (int i = 0; i < formers.Length; i++)
            formers[i] &= ~(formers[i] - 1);
        return new BucketTable(table.Groups, table.Owners.ToArray(), formers);
    }

    /// <summary>Members that come from an active view of their own, or hold what no table knows: of any bucket, perhaps.</summary>
    private UInt128 MergedMask(ReadOnlySpan<ViewMember> desired, View? last)
    {
        UInt128 merged = _holdsUnlisted || (_holdsAny && last is not null && last == _reported) ? UInt128.One << _self.Index : UInt128.Zero;
        foreach (ViewMember member in desired)
        {
            if (member.Node == _self)
                continue;
            bool known = last is not null && last.Contains(member.Node, member.Incarnation);
            Heartbeat heard = _peers[member.Node.Index]!.Last;
            if ((!known && heard.Has(HeartbeatFlags.Holds)) || heard.Has(HeartbeatFlags.HoldsUnlisted))
                merged |= UInt128.One << member.Node.Index;
        }

        return merged;
    }
}
