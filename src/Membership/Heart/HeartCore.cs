using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// The heart of a mirror module on one node: a plain function of (heartbeats, time) to (heartbeats, lease, what the peer says).
/// No socket, clock, file or logger inside. Not thread-safe: one thread drives it.
/// </summary>
public sealed partial class HeartCore
{
    private readonly HeartSettings _settings;
    private readonly ulong _incarnation;
    private readonly LanState[] _lans;
    private readonly byte[] _frame = new byte[Limits.DatagramBytesMax];
    private byte[] _content;
    private ulong _sequence;
    private long _lastTurnNs;

    public HeartCore(HeartSettings settings, ulong incarnation, HeartContent content, long nowNs)
    {
        settings.Check();
        Invariant.That(incarnation != 0, "an incarnation is never 0");
        _settings = settings;
        _incarnation = incarnation;
        _content = content.Format();
        _lastTurnNs = nowNs;
        NextTickNs = nowNs;
        _lans = [.. settings.Lans.Select(timing => new LanState(timing, nowNs))];
        // Whether there is a peer, and what it holds, is not known yet.
        BeginHold(nowNs, null);
    }

    /// <summary>When <see cref="Tick"/> must be called at the latest.</summary>
    public long NextTickNs { get; private set; }

    /// <summary>How often this node's own loop was late.</summary>
    public long LateCount { get; private set; }

    /// <summary>Handles one authenticated frame; the shell has checked that it comes from the peer.</summary>
    public void Receive(int lan, ReadOnlySpan<byte> plainFrame, long nowNs, IHeartOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        if (HeartFrame.TryParse(plainFrame, out HeartFrame head, out ReadOnlySpan<byte> content) && head.Sender == _settings.Peer)
            OnFrame(lan, head, content, nowNs, output);
        Evaluate(nowNs, output);
    }

    /// <summary>Does what is due by time alone. Everything that has already arrived must have been received before.</summary>
    public void Tick(long nowNs, IHeartOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        Evaluate(nowNs, output);
    }

    /// <summary>What the peer is told from now on, beginning at once.</summary>
    public void Tell(byte[] content, long nowNs, IHeartOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        _content = content;
        SendAll(nowNs, output);
        Evaluate(nowNs, output);
    }

    /// <summary>The same once more, at once: what must not be missed is said several times.</summary>
    public void Repeat(long nowNs, IHeartOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        SendAll(nowNs, output);
        Evaluate(nowNs, output);
    }

    /// <summary>
    /// Rule self-late: a node whose own loop was late (collector, starvation, SIGSTOP) does not count the time it was away
    /// as silence of the peer; after a long absence the peer has its whole timeout anew.
    /// </summary>
    private long BeginTurn(long nowNs, IHeartOutput output)
    {
        nowNs = Math.Max(nowNs, _lastTurnNs);
        long lateNs = nowNs - Math.Max(NextTickNs, _lastTurnNs);
        _lastTurnNs = nowNs;
        EndLeaseThatRanOut(nowNs, output);
        if (lateNs <= _settings.PulseNs)
            return nowNs;

        LateCount++;
        foreach (LanState lan in _lans)
            lan.Excuse(lateNs, nowNs);
        Decide(output, "self-late", $"lateMs={MonotonicClock.ToMs(lateNs):F0}");
        if (LeaseUntilNs == 0 && lateNs >= _settings.TimeoutNs / 4)
            BeginHold(nowNs, output);
        return nowNs;
    }

    private void Evaluate(long nowNs, IHeartOutput output)
    {
        UpdateContact(nowNs, output);
        SendDue(nowNs, output);
        UpdateLease(nowNs, output);
        NextTickNs = _lans.Min(lan => lan.NextNs);
        foreach (LanState lan in _lans)
        {
            if (lan.LostAtNs > nowNs)
                NextTickNs = Math.Min(NextTickNs, lan.LostAtNs);
        }
    }

    private void SendDue(long nowNs, IHeartOutput output)
    {
        for (int lan = 0; lan < _lans.Length; lan++)
        {
            if (nowNs >= _lans[lan].NextNs)
                SendOn(lan, nowNs, output);
        }
    }

    private void SendAll(long nowNs, IHeartOutput output)
    {
        for (int lan = 0; lan < _lans.Length; lan++)
            SendOn(lan, nowNs, output);
    }

    private void SendOn(int lan, long nowNs, IHeartOutput output)
    {
        _sequence++;
        HeartFrameFlags flags = MayHold(nowNs) ? HeartFrameFlags.HoldsAddress : HeartFrameFlags.None;
        if (_held)
            flags |= HeartFrameFlags.AsksAnswer;
        new HeartFrame(_settings.Self, _incarnation, _sequence, _peerIncarnation, _peerSequence, flags).Format(_frame);
        _content.CopyTo(_frame, HeartFrame.HeaderBytes);
        _lans[lan].Sent(nowNs);
        output.Send(lan, _frame.AsSpan(0, HeartFrame.HeaderBytes + _content.Length));
    }

    private void Decide(IHeartOutput output, string rule, string text)
    {
        _lastDecision = new MembershipDecision(rule, text);
        output.Decide(_lastDecision);
    }
}
