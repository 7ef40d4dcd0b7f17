using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// The farm's membership protocol of one node: a plain function of (heartbeats, time) to (heartbeats, rows, lease).
/// No socket, clock, file or logger inside; <c>docs/membership.md</c> states the rules by the names used here.
/// Not thread-safe: one thread, or the simulator, drives it.
/// </summary>
public sealed partial class MembershipCore
{
    private readonly MembershipSettings _settings;
    private readonly NodeId _self;
    private readonly ulong _incarnation;
    private readonly PeerState?[] _peers;
    private readonly ViewMember[] _desired;
    private readonly long _startedNs; // of this life, which may be older than this process
    private long _lastTurnNs;
    private long _nextPulseNs;
    private bool _announce;

    /// <param name="filterWasClosed">
    /// The filter has taken nothing since before this process began: then the first count is final, otherwise one after the settling time.
    /// </param>
    public MembershipCore(MembershipSettings settings, ulong incarnation, long nowNs, bool serving = true, bool filterWasClosed = true)
    {
        settings.Check();
        Invariant.That(incarnation != 0, "an incarnation is never 0");
        _settings = settings;
        _self = settings.Self;
        _incarnation = incarnation;
        _follows = _self;
        _serving = serving;
        _startedNs = nowNs;
        _lastTurnNs = nowNs;
        _nextPulseNs = nowNs;
        NextTickNs = nowNs;
        _peers = new PeerState?[settings.NodeCount];
        _desired = new ViewMember[settings.NodeCount];
        _rows = new byte[settings.Groups.Count * Limits.BucketsPerGroup];
        // What a former life of this process has left in the kernel is not known before the first count.
        _mayHold = new bool[_rows.Length];
        _mayHold.AsSpan().Fill(true);
        _lostNs = new long[_rows.Length];
        _lostNs.AsSpan().Fill(filterWasClosed ? long.MinValue : nowNs);
        _released = new UInt128[_rows.Length];
        _leftOf = new UInt128[settings.Groups.Count];
        _unlistedIn = new bool[settings.Groups.Count];
        _ownBusy = new byte[_rows.Length / 8];
        _pinned = new bool[_rows.Length];
        _hasAffinity = settings.Groups.Any(group => group.HasAffinity);
        for (byte node = 0; node < settings.NodeCount; node++)
        {
            if (node == _self.Index)
                continue;
            // A restarted node has forgotten whose leases it prolonged in its former life, so it waits for all of them.
            bool quarantine = (settings.Mistake & ProtocolMistake.SkipStartQuarantine) == 0;
            _peers[node] = new PeerState(new NodeId(node)) { LeaseHeardNs = quarantine ? nowNs : long.MinValue };
        }
    }

    public MembershipSettings Settings => _settings;

    public ulong Incarnation => _incarnation;

    /// <summary>When <see cref="Tick"/> must be called at the latest.</summary>
    public long NextTickNs { get; private set; }

    /// <summary>Handles one authenticated frame; the shell has checked that its sender is who it says.</summary>
    public void Receive(ReadOnlySpan<byte> plainFrame, long nowNs, IMembershipOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        if (Heartbeat.TryParse(plainFrame, out Heartbeat heartbeat))
            OnHeartbeat(heartbeat, nowNs, output);
        else if (ViewPart.TryParse(plainFrame, out ViewPart part))
            OnViewPart(part, nowNs, output);
        else if (BucketReport.TryParse(plainFrame, out BucketReport report))
            OnBucketReport(report, nowNs, output);
        else
            return;
        Evaluate(nowNs, output);
    }

    /// <summary>Does what is due by time alone. Everything that has already arrived must have been received before.</summary>
    public void Tick(long nowNs, IMembershipOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        if (_rowsDelayed)
            InstallRows(output);
        if (nowNs >= _nextPulseNs)
        {
            _nextPulseNs = Math.Max(_nextPulseNs + _settings.PulseNs, nowNs + (_settings.PulseNs / 2));
            _announce = true;
        }

        Evaluate(nowNs, output);
    }

    private bool Mistaken(ProtocolMistake mistake) => (_settings.Mistake & mistake) != 0;

    /// <summary>
    /// Rule self-late: a node whose own loop was late (collector, starvation, SIGSTOP) does not count the time it was
    /// away as silence of the others. Fences are untouched: they may only ever be too long.
    /// </summary>
    private long BeginTurn(long nowNs, IMembershipOutput output)
    {
        nowNs = Math.Max(nowNs, _lastTurnNs);
        long lateNs = nowNs - Math.Max(NextTickNs, _lastTurnNs);
        _lastTurnNs = nowNs;
        if (lateNs <= _settings.PulseNs)
            return nowNs;

        LateCount++;
        foreach (PeerState? peer in _peers)
            peer?.ShiftDetection(lateNs + (2 * _settings.PulseNs), nowNs);
        Decide(output, "self-late", $"lateMs={MonotonicClock.ToMs(lateNs):F0}");
        return nowNs;
    }

    private void Evaluate(long nowNs, IMembershipOutput output)
    {
        UpdateContacts(nowNs, output);
        if (!_departed)
        {
            if (_follows == _self)
                Lead(nowNs, output);
            UpdateYield(nowNs, output);
            UpdateLease(nowNs, output);
            TryAcquire(nowNs, output);
        }

        if (_announce)
            Announce(nowNs, output);
        if (!_departed && (_reportsDue || nowNs >= _nextReportNs))
            SendReports(nowNs, output);
        NextTickNs = ComputeNextTick(nowNs);
    }

    private long ComputeNextTick(long nowNs)
    {
        long next = _nextPulseNs;
        foreach (PeerState? peer in _peers)
        {
            if (peer is { Mutual: true })
                next = Math.Min(next, ContactEndsNs(peer));
        }

        if (_fencesEndNs > nowNs)
            next = Math.Min(next, _fencesEndNs);
        if (_joinsNotBeforeNs > nowNs)
            next = Math.Min(next, _joinsNotBeforeNs);
        if (ReportsWanted)
            next = Math.Min(next, Math.Max(_nextReportNs, nowNs + 1));
        if (_awaitTableUntilNs > nowNs)
            next = Math.Min(next, _awaitTableUntilNs);
        return next;
    }

    private void Decide(IMembershipOutput output, string rule, string text)
    {
        _lastDecision = new MembershipDecision(rule, text);
        output.Decide(_lastDecision);
    }
}
