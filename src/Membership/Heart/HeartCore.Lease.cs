using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// Until when this node may answer for the virtual address. Renewed with every heartbeat that is sent, and over before the
/// peer may take this node for lost (<see cref="HeartLanTiming.LeaseNs"/>).
/// </summary>
public sealed partial class HeartCore
{
    private bool _wanted;
    private bool _held;
    private ulong _heldSequence;
    private long _heldUntilNs;

    /// <summary>The instant of the local clock until which this node may answer; what the output was told last.</summary>
    public long LeaseUntilNs { get; private set; }

    /// <summary>The address is wanted, but the lease waits: for the peer's answer after an absence, or until the peer gives the address up.</summary>
    public bool IsLeaseHeldBack => _wanted && LeaseUntilNs == 0;

    /// <summary>The module serves the virtual address, or does so no more.</summary>
    public void WantAddress(bool wanted, long nowNs, IHeartOutput output)
    {
        nowNs = BeginTurn(nowNs, output);
        if (_wanted == wanted)
            return;
        _wanted = wanted;
        if (!wanted && LeaseUntilNs != 0)
            SetLease(0, output);
        // Who gives the address up tells it at once, so that the other one need not wait.
        SendAll(nowNs, output);
        Evaluate(nowNs, output);
    }

    /// <summary>This node was away, or has just begun: what it has not heard says nothing yet.</summary>
    public bool IsLate => _held;

    /// <summary>
    /// Rule held: after an absence in which the lease ended, the peer may have taken over. This node first hears from it, in answer
    /// to a heartbeat that it has sent since, or waits for the whole timeout.
    /// </summary>
    private void BeginHold(long nowNs, IHeartOutput? output)
    {
        if (!_held && output is not null)
            output.LateChanged(true);
        _held = true;
        _heldSequence = _sequence + 1;
        _heldUntilNs = nowNs + _settings.TimeoutNs;
    }

    private void EndHold(string why, IHeartOutput output)
    {
        if (!_held)
            return;
        _held = false;
        Decide(output, "lease-free", why);
        output.LateChanged(false);
    }

    private bool LeaseHolds(long nowNs) => nowNs < LeaseUntilNs;

    /// <summary>
    /// Rule peer-holds: a lease that has ended, or was never there, does not begin while the peer says that it has the address.
    /// </summary>
    private bool MayHold(long nowNs)
    {
        if (!_wanted || _held)
            return false;
        bool peerHolds = Contact == HeartContact.Heard && (_peerFlags & HeartFrameFlags.HoldsAddress) != 0;
        return LeaseHolds(nowNs) || !peerHolds;
    }

    private void EndLeaseThatRanOut(long nowNs, IHeartOutput output)
    {
        if (LeaseUntilNs == 0 || LeaseHolds(nowNs))
            return;
        SetLease(0, output);
        Decide(output, "lease-ended", "the own loop was late");
        BeginHold(nowNs, output);
    }

    private void UpdateLease(long nowNs, IHeartOutput output)
    {
        if (_held && nowNs >= _heldUntilNs)
            EndHold("nothing was heard for the whole timeout", output);
        if (MayHold(nowNs))
            Grant(nowNs, output);
        if (_answer)
        {
            _answer = false;
            if (_lans.All(lan => nowNs - lan.SentNs >= lan.Timing.PulseNs / 4))
                SendAll(nowNs, output);
        }
    }

    private void Grant(long nowNs, IHeartOutput output)
    {
        bool begins = LeaseUntilNs == 0;
        // First it is told, then taken.
        if (begins)
            SendAll(nowNs, output);
        long untilNs = long.MaxValue;
        foreach (LanState lan in _lans)
            untilNs = Math.Min(untilNs, lan.LeaseEndsNs);
        if (untilNs <= LeaseUntilNs || untilNs <= nowNs)
            return;
        SetLease(untilNs, output);
        if (begins)
            Decide(output, "lease-begins", $"forMs={MonotonicClock.ToMs(untilNs - nowNs):F0}");
    }

    private void SetLease(long untilNs, IHeartOutput output)
    {
        LeaseUntilNs = untilNs;
        output.SetLease(untilNs);
    }
}
