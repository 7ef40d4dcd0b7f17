using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// Which connections are left where. The table names the former holders of a bucket; each of them counts what its kernel still has,
/// and says when none is left: then it needs no lookup and the owner need not hold resets back. The next view forgets it.
/// </summary>
public sealed partial class MembershipCore
{
    /// <summary>How often a former holder repeats what it has left, against loss, and owners what is busy.</summary>
    private const long ReportEveryNs = 1_000 * MonotonicClock.NanosecondsPerMillisecond;

    /// <summary>Idle buckets move at most this often, so that a view is not replaced for every client that falls silent.</summary>
    private const long RebalanceEveryNs = 3_000 * MonotonicClock.NanosecondsPerMillisecond;

    /// <summary>This node's kernel may hold connections of the bucket, as far as it has not counted otherwise since it lost it.</summary>
    private readonly bool[] _mayHold;

    /// <summary>Since when the bucket is not this node's.</summary>
    private readonly long[] _lostNs;

    /// <summary>For each bucket the members that have said, under the view promised now, that they hold no connection of it.</summary>
    private readonly UInt128[] _released;

    private readonly byte[] _ownBusy;
    private readonly bool[] _pinned;
    private readonly bool _hasAffinity;
    private UInt128 _drained;

    /// <summary>For each group the members that may hold connections for which the table lists them.</summary>
    private readonly UInt128[] _leftOf;

    /// <summary>For each group whether this node may hold connections for which the table does not list it.</summary>
    private readonly bool[] _unlistedIn;

    /// <summary>Members that hold, by their own word, what the table promised now does not list them for.</summary>
    private UInt128 _unlisted;
    private ulong _listedGroups;
    private ulong _reportSequence;
    private bool _reportsDue;
    private bool _holdsAny = true;
    private bool _holdsUnlisted;
    private long _nextReportNs;
    private long _rebalanceNotBeforeNs;
    private bool _rebalanceDue;

    private bool ReportsWanted => _promised is not null && (_hasAffinity || _holdsUnlisted || _listedGroups != 0);

    /// <summary>
    /// What the kernel has, counted at one go that began at <paramref name="countedNs"/>: for each group a bit per bucket. Rule settle: a
    /// bucket is released by a count that began <see cref="MembershipSettings.SettleMs"/> after it was lost, because the last packet of a
    /// handshake that began before may be under way, and with SYN cookies nothing of it can be counted.
    /// </summary>
    public void ReportConnections(ReadOnlySpan<byte> holding, ReadOnlySpan<byte> busy, long countedNs, long nowNs, IMembershipOutput output)
    {
        Invariant.That(holding.Length * 8 == _rows.Length && busy.Length == holding.Length, "a count has a bit for every bucket");
        nowNs = BeginTurn(nowNs, output);
        bool changed = false;
        for (int i = 0; i < _rows.Length; i++)
        {
            bool counted = (holding[i >> 3] >> (i & 7) & 1) != 0 && !Mistaken(ProtocolMistake.ReleaseUncounted);
            if (IsMine(i) || !_mayHold[i] || counted || !IsSettled(i, countedNs) || Mistaken(ProtocolMistake.NeverRelease))
                continue;
            _mayHold[i] = false;
            _rows[i] = (byte)RowFlags.None;
            changed = true;
        }

        busy.CopyTo(_ownBusy);
        if (changed)
        {
            InstallRows(output);
            Remember(output);
            _reportsDue = true;
        }

        NoteReleases(nowNs);
        Evaluate(nowNs, output);
    }

    private bool IsSettled(int bucket, long countedNs) =>
        _lostNs[bucket] == long.MinValue
        || countedNs - _lostNs[bucket] >= _settings.SettleNs
        || Mistaken(ProtocolMistake.SkipSettling);

    /// <summary>Members other than this one that may hold connections of a bucket.</summary>
    private UInt128 HeldByOthers(View view, int bucket)
    {
        UInt128 released = view == _promised ? _released[bucket] : UInt128.Zero;
        UInt128 holding = view == _promised ? view.Table.Formers[bucket] | _unlisted : view.Table.Formers[bucket];
        return holding & ~released & ~(UInt128.One << _self.Index);
    }

    /// <summary>What is said under a view counts under no other.</summary>
    private void ForgetReports(View view)
    {
        _released.AsSpan().Clear();
        _drained = UInt128.Zero;
        _unlisted = UInt128.Zero;
        foreach (PeerState? peer in _peers)
        {
            bool holds = peer is not null && view.Contains(peer.Node, peer.Incarnation) && peer.Last.Promised == view.Id
                && peer.Last.Has(HeartbeatFlags.HoldsUnlisted) && !Mistaken(ProtocolMistake.IgnoreUnlistedHolders);
            if (holds)
                _unlisted |= UInt128.One << peer!.Node.Index;
        }

        _listedGroups = 0;
        ReadOnlySpan<UInt128> formers = view.Table.Formers;
        for (int i = 0; i < formers.Length; i++)
        {
            if ((formers[i] >> _self.Index & UInt128.One) != UInt128.Zero)
                _listedGroups |= 1UL << (i / Limits.BucketsPerGroup);
        }

        _reportsDue = true;
    }

    private void OnBucketReport(in BucketReport report, long nowNs, IMembershipOutput output)
    {
        if (PeerOf(report.Sender) is not { } peer || report.Incarnation != peer.Incarnation || report.Group >= _settings.Groups.Count)
            return;
        if (!peer.Reports.Heed(report, _settings.Groups.Count, nowNs))
            return;
        if (_promised is null || (report.View != _promised.Id && !Mistaken(ProtocolMistake.AcceptReleasesOfOtherViews)))
            return;
        UInt128 bit = UInt128.One << peer.Node.Index;
        int start = report.Group * Limits.BucketsPerGroup;
        for (int i = 0; i < Limits.BucketsPerGroup; i++)
        {
            if ((report.Holding[i >> 3] >> (i & 7) & 1) == 0)
                _released[start + i] |= bit;
        }

        RefreshHeldRows(start, Limits.BucketsPerGroup, nowNs, output);
        NoteReleasesOf(report.Group);
        SumReleases(nowNs);
    }

    /// <summary>
    /// Rule unlisted: a member that holds what the table does not list (it comes from another part of the farm, or from a former life) says
    /// so in its heartbeats. Whoever acquires has heard every member under this view before, so it knows.
    /// </summary>
    private void NoteUnlisted(PeerState peer, long nowNs, IMembershipOutput output)
    {
        UInt128 bit = UInt128.One << peer.Node.Index;
        bool was = (_unlisted & bit) != UInt128.Zero;
        bool holds = peer.Last.Has(HeartbeatFlags.HoldsUnlisted) && !Mistaken(ProtocolMistake.IgnoreUnlistedHolders);
        if (was == holds)
            return;
        _unlisted ^= bit;
        if (was)
            RefreshHeldRows(0, _rows.Length, nowNs, output);
    }

    /// <summary>Who has released everything that the table lists it for, and whether idle buckets could move.</summary>
    private void NoteReleases(long nowNs)
    {
        _holdsAny = _mayHold.AsSpan().Contains(true);
        if (_promised is null)
            return;
        for (int group = 0; group < _leftOf.Length; group++)
            NoteReleasesOf(group);
        SumReleases(nowNs);
    }

    /// <summary>A report changes one group; in a farm of many groups and nodes thousands come at once.</summary>
    private void NoteReleasesOf(int group)
    {
        UInt128 self = UInt128.One << _self.Index;
        int start = group * Limits.BucketsPerGroup;
        ReadOnlySpan<byte> owners = _promised!.Table.OwnersOf(group);
        ReadOnlySpan<UInt128> formers = _promised.Table.FormersOf(group);
        ReadOnlySpan<bool> mayHold = _mayHold.AsSpan(start, Limits.BucketsPerGroup);
        Span<UInt128> released = _released.AsSpan(start, Limits.BucketsPerGroup);
        UInt128 left = UInt128.Zero;
        bool unlisted = false;
        for (int i = 0; i < formers.Length; i++)
        {
            bool owns = owners[i] == _self.Index;
            bool holds = mayHold[i] && !owns;
            if (holds || owns)
                released[i] &= ~self;
            else
                released[i] |= self;
            unlisted |= holds && (formers[i] & self) == UInt128.Zero;
            left |= formers[i] & ~released[i];
        }

        _leftOf[group] = left;
        _unlistedIn[group] = unlisted;
    }

    private void SumReleases(long nowNs)
    {
        UInt128 left = UInt128.Zero;
        foreach (UInt128 ofGroup in _leftOf)
            left |= ofGroup;
        bool unlisted = _unlistedIn.AsSpan().Contains(true);
        _announce |= unlisted != _holdsUnlisted;
        _holdsUnlisted = unlisted;
        _drained = _formersMask & ~left;
        if (_hasAffinity && LeadsPromised && _activationKnown && nowNs >= _rebalanceNotBeforeNs)
        {
            _rebalanceNotBeforeNs = nowNs + RebalanceEveryNs;
            BucketTable next = NextTable(_promised!.Members, _promised.Mask, nowNs);
            _rebalanceDue = !next.Owners.SequenceEqual(_promised.Table.Owners);
        }
    }

    /// <summary>Rule affinity: a bucket with recent activity, or of which nothing is known, stays with an owner that serves.</summary>
    private ReadOnlySpan<bool> Pinned(BucketTable table, long nowNs)
    {
        if (!_hasAffinity || Mistaken(ProtocolMistake.MoveBusyBuckets))
            return default;
        for (int i = 0; i < _pinned.Length; i++)
        {
            int group = i / Limits.BucketsPerGroup;
            byte owner = table.Owners[i];
            if (!_settings.Groups[group].HasAffinity || owner >= _settings.NodeCount)
                _pinned[i] = false;
            else if (owner == _self.Index)
                _pinned[i] = (_ownBusy[i >> 3] >> (i & 7) & 1) != 0;
            else
                _pinned[i] = _peers[owner]!.Reports.IsBusy(i, nowNs);
        }

        return _pinned;
    }

    private void SendReports(long nowNs, IMembershipOutput output)
    {
        _reportsDue = false;
        _nextReportNs = nowNs + ReportEveryNs;
        if (!ReportsWanted)
            return;
        _reportSequence++;
        Span<byte> frame = stackalloc byte[BucketReport.Size];
        Span<byte> holding = stackalloc byte[BucketReport.BitsBytes];
        for (int group = 0; group < _settings.Groups.Count; group++)
        {
            if (!_settings.Groups[group].HasAffinity && !_holdsUnlisted && (_listedGroups >> group & 1) == 0)
                continue;
            int start = group * Limits.BucketsPerGroup;
            holding.Clear();
            for (int i = 0; i < Limits.BucketsPerGroup; i++)
            {
                if (_mayHold[start + i] || _promised!.Table.Owners[start + i] == _self.Index)
                    holding[i >> 3] |= (byte)(1 << (i & 7));
            }

            var report = new BucketReport
            {
                Sender = _self,
                Incarnation = _incarnation,
                View = _promised!.Id,
                Sequence = _reportSequence,
                Group = (byte)group,
                Holding = holding,
                Busy = _ownBusy.AsSpan(group * BucketReport.BitsBytes, BucketReport.BitsBytes),
            };
            report.Format(frame);
            SendToContacts(frame, output);
        }
    }

    private void SendToContacts(ReadOnlySpan<byte> frame, IMembershipOutput output)
    {
        foreach (PeerState? peer in _peers)
        {
            if (peer is { Mutual: true })
                output.Send(peer.Node, frame);
        }
    }
}
