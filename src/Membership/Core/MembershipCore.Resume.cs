using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// One life of the node over several processes. To the others a process that goes on with its predecessor's life is one that
/// was paused: same incarnation, same promise, same rows, and a lease that has gone on running in the filter meanwhile.
/// </summary>
public sealed partial class MembershipCore
{
    /// <summary>Each process numbers its frames in a range of its own, so that no number is used twice whatever was lost.</summary>
    private const int SequenceBitsPerProcess = 40;

    private readonly ulong _resumptions;

    /// <summary>Below the numbers of this process's frames; above those of every process before it in this life.</summary>
    public ulong FirstSequence => Mistaken(ProtocolMistake.ReuseSequence) ? 0 : _resumptions << SequenceBitsPerProcess;

    /// <summary>
    /// Rule resume. The lease must not have ended: until then nobody has taken over what this node holds, and what its
    /// predecessor has promised still stands. Every contact counts from now, and so does every fence, as after a start:
    /// this process does not know whose lease its predecessor prolonged last.
    /// </summary>
    /// <param name="leaseUntilNs">The end of the lease as the predecessor left it; later than now.</param>
    public MembershipCore(MembershipSettings settings, MembershipMemory memory, long leaseUntilNs, long nowNs)
        : this(settings, memory.Incarnation, nowNs, memory.Serving, filterWasClosed: false)
    {
        Invariant.That(leaseUntilNs > nowNs || Mistaken(ProtocolMistake.ResumeAfterLease), "only a life whose lease runs is resumed");
        Invariant.That(memory.Rows.Length == _rows.Length, "remembered rows are those of the same groups");
        _resumptions = memory.Resumptions + 1;
        _sequence = FirstSequence;
        _reportSequence = FirstSequence;
        _startedNs = memory.StartedNs;
        _seenCounter = memory.SeenCounter;
        _promised = memory.Promised;
        _active = memory.Active;
        _lastActive = memory.Active;
        _promisedAtSequence = memory.PromisedAtSequence;
        _activationKnown = memory.ActivationKnown;
        _formersMask = _promised is null ? UInt128.Zero : FormersOf(_promised.Table);
        memory.Rows.Span.CopyTo(_rows);
        LeaseUntilNs = leaseUntilNs;
        if (Mistaken(ProtocolMistake.ResumeWithoutQuarantine))
            Array.ForEach(_peers, peer => peer?.LeaseHeardNs = long.MinValue);
        _ownFencesEndNs = OutsideFencesEndNs();
        _fencesEndNs = long.MinValue;
        if (LeadsPromised)
            _proposal = new OutgoingView(_promised!);

        AssumeMembersPresent(nowNs);
        AssumeConnections(memory, nowNs);
    }

    /// <summary>What stands in the memory that the output was given last; for the first one of a process.</summary>
    public MembershipMemory Memory() => new()
    {
        Incarnation = _incarnation,
        Resumptions = _resumptions,
        StartedNs = _startedNs,
        SeenCounter = _seenCounter,
        PromisedAtSequence = _promisedAtSequence,
        Serving = _serving,
        ActivationKnown = _activationKnown,
        Promised = _promised,
        Active = _active,
        Rows = _rows,
        MayHold = _mayHold,
    };

    /// <summary>
    /// Puts the remembered lease and rows into the filter: what the predecessor set last may have been one step ahead of what it wrote
    /// down. Called once, before anything else.
    /// </summary>
    public void Resume(IMembershipOutput output)
    {
        output.SetLease(LeaseUntilNs);
        if (_active is not null)
            output.InstallTable(_active.Table);
        InstallRows(output);
        Decide(output, "resume", $"view={_promised?.Id ?? ViewId.None} incarnation={_incarnation} process={_resumptions + 1}");
    }

    /// <summary>For the simulator, which knows what the predecessor's lease rested on.</summary>
    internal void AssumeGround(View? ground, long activeLeaseUntilNs)
    {
        LeaseGround = ground;
        ActiveLeaseUntilNs = activeLeaseUntilNs;
    }

    private long OutsideFencesEndNs()
    {
        long endNs = long.MinValue;
        foreach (PeerState? peer in _peers)
        {
            if (peer is not null && _promised is not null && !_promised.Contains(peer.Node))
                endNs = Math.Max(endNs, FenceEndsNs(peer));
        }

        return endNs;
    }

    /// <summary>The members are taken for what the view says of them, until they are heard or their patience has passed.</summary>
    private void AssumeMembersPresent(long nowNs)
    {
        if (_promised is null)
            return;
        foreach (ViewMember member in _promised.Members)
        {
            if (member.Node == _self || _peers[member.Node.Index] is not { } peer)
                continue;
            peer.BeginLife(member.Incarnation);
            peer.FencesEndNs = long.MaxValue;
            peer.HeardNs = nowNs;
            peer.EchoedNs = nowNs;
            peer.ReceivedNs = nowNs;
            peer.FollowsSinceNs = nowNs;
            peer.Mutual = true;
            _hadContact = true;
            // Whether it has promised counts only from its own mouth, unless all are known to have.
            peer.Last = new Heartbeat
            {
                Sender = member.Node,
                Incarnation = member.Incarnation,
                Flags = (member.Serving ? HeartbeatFlags.Serving : 0) | HeartbeatFlags.ActiveContainsReceiver | HeartbeatFlags.HoldsUnlisted,
                Follows = _promised.Leader,
                Promised = _activationKnown ? _promised.Id : ViewId.None,
                Active = _activationKnown ? _promised.Id : ViewId.None,
                ActiveMembers = (byte)_promised.Members.Length,
                Sees = _promised.Mask,
            };
        }
    }

    /// <summary>
    /// The filter took packets all the time: what this node may hold it must wait for anew before it counts, and so must it for
    /// what it was about to acquire. Of the others the worst is assumed (they hold what no table lists) until they are heard.
    /// </summary>
    private void AssumeConnections(MembershipMemory memory, long nowNs)
    {
        memory.MayHold.CopyTo(_mayHold);
        if (Mistaken(ProtocolMistake.ResumeWithoutHolders))
            _mayHold.AsSpan().Clear();
        _ownBusy.AsSpan().Fill(byte.MaxValue);
        _rebalanceNotBeforeNs = nowNs + RebalanceEveryNs;
        if (_promised is null)
            return;
        ReadOnlySpan<byte> owners = _promised.Table.Owners;
        for (int i = 0; i < _rows.Length; i++)
        {
            _mayHold[i] |= IsMine(i) || owners[i] == _self.Index;
            if (!IsMine(i))
                _rows[i] = (byte)(_mayHold[i] ? RowFlags.MayHoldConnections : RowFlags.None);
        }

        ForgetReports(_promised);
        NoteReleases(nowNs);
    }

    private void Remember(IMembershipOutput output) => output.Remember(Memory());
}
