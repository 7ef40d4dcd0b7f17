using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>The two phases of a view at one node: release and promise, then acquire. And the rule when not to act.</summary>
public sealed partial class MembershipCore
{
    private readonly ViewAssembler _assembler = new();

    /// <summary>The newest view for which this node has released what it does not own there.</summary>
    private View? _promised;

    /// <summary>The view whose rows this node holds, as far as <see cref="_promised"/> has not taken them back.</summary>
    private View? _active;

    /// <summary>The view that this node has acted on last.</summary>
    private View? _lastActive;

    /// <summary>Our heartbeats up to this one were sent before the promise and must not count under it.</summary>
    private ulong _promisedAtSequence;
    private bool _activationKnown;
    private bool _yielding;
    private UInt128 _formersMask;
    private long _ownFencesEndNs;
    private long _fencesEndNs;

    /// <summary>The view by which this node takes packets; null if it takes none.</summary>
    public View? ActiveView => _active is not null && !_yielding && _lastTurnNs < LeaseUntilNs ? _active : null;

    internal View? PromisedView => _promised;

    /// <summary>For the simulator: the view whose rows are held, whether or not the lease still runs.</summary>
    internal View? ActiveViewForChecks => _active;

    /// <summary>
    /// Rule release: give back what the new view gives to others, in the filter, before anybody is told of the promise.
    /// What stays ours stays served, on the old lease, which nobody prolongs under the old view any more.
    /// </summary>
    private void Promise(View view, long nowNs, IMembershipOutput output)
    {
        Invariant.That(
            _promised is null || view.Id > _promised.Id || Mistaken(ProtocolMistake.AcceptLowerViews),
            "promises only go forward");
        Invariant.That(view.Contains(_self, _incarnation), "a node promises only views that it is a member of");
        bool retain = _active is not null && !_yielding && nowNs < LeaseUntilNs;
        KeepRowsOf(view, retain, nowNs);
        InstallRowsBeforeReport(output);
        if (!retain)
            _active = null;
        _promisedBefore = _promised;
        _promised = view;
        _takesDifferences = true;
        _promisedAtSequence = _sequence;
        _activationKnown = false;
        _formersMask = FormersOf(view.Table);
        ForgetReports(view);
        NoteReleases(nowNs);
        _ownFencesEndNs = long.MinValue;
        _fencesEndNs = long.MinValue;
        foreach (PeerState? peer in _peers)
        {
            if (peer is null)
                continue;
            peer.AckedSentNs = long.MinValue;
            peer.FencesEndNs = long.MaxValue;
            if (!view.Contains(peer.Node))
                _ownFencesEndNs = Math.Max(_ownFencesEndNs, FenceEndsNs(peer));
            else if (peer.Heard && peer.Last.Promised == view.Id)
                peer.LeaseHeardNs = Math.Max(peer.LeaseHeardNs, peer.ReceivedNs);
        }

        if (!Mistaken(ProtocolMistake.ForgetPromises))
            Remember(output);
        _announce = true;
        double fenceMs = _ownFencesEndNs > nowNs ? SinceMs(nowNs, _ownFencesEndNs) : 0;
        Decide(output, "release", $"view={view} fenceMs={fenceMs:F0} retained={retain}");
    }

    private static UInt128 FormersOf(BucketTable table)
    {
        UInt128 mask = UInt128.Zero;
        foreach (UInt128 formers in table.Formers)
            mask |= formers;
        return mask;
    }

    /// <summary>
    /// Rule acquire: the view is active (all released, all fences ended), and every member has acknowledged us under it,
    /// so that all of them will wait for us before anybody else takes over.
    /// </summary>
    private void TryAcquire(long nowNs, IMembershipOutput output)
    {
        if (_promised is null || _promised == _active || !_activationKnown || _yielding)
            return;
        long leaseNs = Mistaken(ProtocolMistake.LeaseGrantedByActivation)
            ? nowNs + _settings.LeaseNs
            : PromisedLeaseNs(nowNs);
        if (leaseNs <= nowNs)
            return;

        // A lease of the old view must not cover rows of the new one, not even between these two calls.
        SetLease(leaseNs, output);
        _active = _promised;
        _lastActive = _active;
        ActiveLeaseUntilNs = LeaseUntilNs;
        TakeRowsOf(_active, nowNs);
        output.InstallTable(_active.Table);
        InstallRows(output);
        Remember(output);
        _announce = true;
        Decide(output, "acquire", $"view={_active.Id} leaseMs={SinceMs(nowNs, leaseNs):F0}");
    }

    /// <summary>
    /// Rule yield: who hears of a preferred active view (larger, or equal with a lower leader) that does not contain it
    /// takes nothing until it is let in, or hears no more of it.
    /// </summary>
    private void UpdateYield(long nowNs, IMembershipOutput output)
    {
        bool foreign = IsAmongForeigners(nowNs);
        bool yields = _promised is not null
            && (foreign || PrefersElsewhere(_promised.Mask, _promised.Members.Length, _promised.Leader, nowNs));
        if (yields == _yielding)
            return;
        _yielding = yields;
        _announce = true;
        Decide(output, yields ? "yield" : "yield-ends", $"own={_promised?.Id ?? ViewId.None}{(foreign ? " because=foreign-key" : "")}");
        if (!yields)
            return;
        _active = null;
        DropRows(nowNs);
        InstallRows(output);
        Remember(output);
    }

    private bool PrefersElsewhere(UInt128 members, int count, NodeId leader, long nowNs)
    {
        if (Mistaken(ProtocolMistake.NeverYield))
            return false;
        foreach (PeerState? peer in _peers)
        {
            if (peer is not null && IsPreferredStranger(peer, count, leader, nowNs))
                return true;
            if (peer is null || !peer.Last.Active.Exists || (members >> peer.Node.Index & UInt128.One) != UInt128.Zero)
                continue;
            if (peer.Last.Has(HeartbeatFlags.ActiveContainsReceiver) || !IsLive(peer, nowNs))
                continue;
            if (IsPreferred(peer.Last, count, leader))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Nodes with another configuration are never let in, but they answer the same clients: of the two only one may act.
    /// Their view may contain a former life of ours, so that does not matter here.
    /// </summary>
    private bool IsPreferredStranger(PeerState peer, int count, NodeId leader, long nowNs) =>
        peer.StrangerHeardNs != long.MinValue
        && nowNs < peer.StrangerHeardNs + (_settings.SlostCount * _settings.PulseNs)
        && peer.Stranger.Active.Exists
        && IsPreferred(peer.Stranger, count, leader);

    private static bool IsPreferred(in Heartbeat other, int count, NodeId leader) =>
        other.ActiveMembers > count || (other.ActiveMembers == count && other.Active.Leader < leader);
}
