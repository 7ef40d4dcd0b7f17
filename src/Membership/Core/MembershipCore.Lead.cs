using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What a leader does: compare the members it wants with the view it has, propose, activate.</summary>
public sealed partial class MembershipCore
{
    private OutgoingView? _proposal;
    private long _joinsNotBeforeNs;

    private bool LeadsPromised =>
        _promised is not null && _promised.Leader == _self && _promised.Id.LeaderIncarnation == _incarnation;

    private void Lead(long nowNs, IMembershipOutput output)
    {
        int count = CollectDesired(nowNs, out UInt128 mask);
        ReadOnlySpan<ViewMember> desired = _desired.AsSpan(0, count);
        string? reason = ReasonToPropose(desired, mask);
        if (reason is not null)
        {
            if (PrefersElsewhere(mask, count, _self, nowNs) || JoinsMustWait(reason, mask, nowNs) || TableMustArrive(mask, nowNs))
                return;
            Propose(desired, mask, reason, nowNs, output);
        }

        if (LeadsPromised && !_activationKnown)
            TryActivate(nowNs, output);
    }

    /// <summary>
    /// Rule members: this node, and every node in contact that follows it, as long as all of them see each other:
    /// a lease needs the acknowledgement of every member, so two that are cut from each other cannot share a view.
    /// </summary>
    private int CollectDesired(long nowNs, out UInt128 mask)
    {
        mask = UInt128.One << _self.Index;
        // Present members come first: a newcomer that does not see all of them waits outside and evicts nobody.
        if (LeadsPromised)
            AddFollowers(_promised!.Mask, nowNs, ref mask);
        AddFollowers(UInt128.MaxValue, nowNs, ref mask);

        int count = 0;
        for (byte node = 0; node < _settings.NodeCount; node++)
        {
            if ((mask >> node & UInt128.One) == UInt128.Zero)
                continue;
            _desired[count++] = _peers[node] is { } peer
                ? new ViewMember(peer.Node, peer.Incarnation, Serves(peer))
                : new ViewMember(_self, _incarnation, _serving && !_leaving);
        }

        return count;
    }

    private void AddFollowers(UInt128 among, long nowNs, ref UInt128 mask)
    {
        foreach (PeerState? peer in _peers)
        {
            if (peer is not { Mutual: true } || !(peer.Last.Follows == _self || IsHandedOver(peer, nowNs)))
                continue;
            UInt128 bit = UInt128.One << peer.Node.Index;
            if ((among & ~mask & bit) != UInt128.Zero && !CutFromMembers(peer, mask, nowNs))
                mask |= bit;
        }
    }

    /// <summary>
    /// Rule hand-over: a member that already follows a lower node, as this one will in a moment, is not dropped before
    /// that node proposes: the members turn to a returning leader one by one.
    /// </summary>
    private bool IsHandedOver(PeerState peer, long nowNs) =>
        LeadsPromised
        && peer.Last.Follows < _self
        && _promised!.Contains(peer.Node, peer.Incarnation)
        && peer.Last.Promised <= _promised.Id
        && nowNs - peer.FollowsSinceNs < SilenceNs(peer);

    private static bool Serves(PeerState peer) =>
        peer.Last.Has(HeartbeatFlags.Serving) && !peer.Last.Has(HeartbeatFlags.Leaving);

    private bool CutFromMembers(PeerState candidate, UInt128 mask, long nowNs)
    {
        UInt128 others = mask & ~(UInt128.One << _self.Index);
        for (byte node = 0; others != UInt128.Zero; node++, others >>= 1)
        {
            if ((others & UInt128.One) == UInt128.Zero || _peers[node] is not { } member)
                continue;
            bool seen = (candidate.Last.Sees >> node & UInt128.One) != UInt128.Zero
                && (member.Last.Sees >> candidate.Node.Index & UInt128.One) != UInt128.Zero;
            // Two members of the present view that lose each other: first make sure that neither is merely dying.
            bool unsure = _promised is not null && _promised.Contains(member.Node)
                && _promised.Contains(candidate.Node) && !(IsFresh(member, nowNs) && IsFresh(candidate, nowNs));
            if (!seen && !unsure)
                return true;
        }

        return false;
    }

    private bool IsFresh(PeerState peer, long nowNs) => nowNs - peer.HeardNs < SilenceNs(peer) / 2;

    private string? ReasonToPropose(ReadOnlySpan<ViewMember> desired, UInt128 mask)
    {
        if (!LeadsPromised)
            return "new-leader";
        if (!desired.SequenceEqual(_promised!.Members))
            return mask == _promised.Mask ? "serving-changed" : "members-changed";
        foreach (ViewMember member in desired)
        {
            if (member.Node == _self)
                continue;
            if (_peers[member.Node.Index]!.Last.Promised > _promised.Id)
                return "overtaken";
        }

        // Only once this node acts on what it proposed last: it can wait, and a view that follows too soon keeps it from acting at all.
        if (_activationKnown && _active?.Id == _promised.Id && _drained != UInt128.Zero)
            return "drained";
        return _rebalanceDue ? "idle" : null;
    }

    /// <summary>
    /// Rule joins-wait: nodes that start together are let in together. Losses never wait, nor does who comes back from
    /// the last active view: after a leader's crash the others notice one by one, and their leases run.
    /// </summary>
    private bool JoinsMustWait(string reason, UInt128 mask, long nowNs)
    {
        if (reason != "members-changed" || nowNs >= _joinsNotBeforeNs)
            return false;
        UInt128 joining = mask & ~_promised!.Mask;
        bool onlyJoins = (_promised.Mask & ~mask) == UInt128.Zero;
        return onlyJoins && (joining & (_lastActive?.Mask ?? UInt128.Zero)) == UInt128.Zero;
    }

    private void Propose(
        ReadOnlySpan<ViewMember> desired, UInt128 mask, string reason, long nowNs, IMembershipOutput output)
    {
        _seenCounter = Math.Max(_seenCounter, _promised?.Id.Counter ?? 0) + 1;
        var id = new ViewId(_seenCounter, _self, _incarnation);
        var view = new View(id, desired, NextTable(desired, mask, nowNs));
        _proposal = new OutgoingView(view);
        _joinsNotBeforeNs = nowNs + _settings.PulseNs;
        _rebalanceDue = false;
        _rebalanceNotBeforeNs = nowNs + RebalanceEveryNs;
        Decide(output, "propose", $"view={view} because={reason}");
        _proposedFrom = BaseView(mask);
        Promise(view, nowNs, output);
        foreach (ViewMember member in desired)
        {
            if (member.Node != _self)
                SendView(_peers[member.Node.Index]!, _proposal, output);
        }
    }

    /// <summary>Rule activate: all members have released, and all leases of nodes outside must have ended.</summary>
    private void TryActivate(long nowNs, IMembershipOutput output)
    {
        long fencesEndNs = _ownFencesEndNs;
        foreach (ViewMember member in _promised!.Members)
        {
            if (member.Node == _self || Mistaken(ProtocolMistake.AcquireBeforeAllReleased))
                continue;
            PeerState peer = _peers[member.Node.Index]!;
            if (peer.Incarnation != member.Incarnation || peer.Last.Promised != _promised.Id)
                return;
            fencesEndNs = Math.Max(fencesEndNs, peer.FencesEndNs);
        }

        _fencesEndNs = fencesEndNs;
        if (nowNs < fencesEndNs && !Mistaken(ProtocolMistake.SkipFenceWait))
            return;
        _activationKnown = true;
        _announce = true;
        Decide(output, "activate", $"view={_promised.Id}: all released, no lease outside is left");
    }
}
