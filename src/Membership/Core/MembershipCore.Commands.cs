using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What the daemon asks of the protocol.</summary>
public sealed partial class MembershipCore
{
    private bool _serving;
    private bool _leaving;
    private bool _departed;
    private long _departedNs;

    /// <summary>The application runs here, or not: a planned move; the node stays a member.</summary>
    public void SetServing(bool serving, long nowNs, IMembershipOutput output)
    {
        if (_serving == serving)
            return;
        nowNs = BeginTurn(nowNs, output);
        _serving = serving;
        Remember(output);
        _announce = true;
        Decide(output, serving ? "serving" : "not-serving", "by order");
        Evaluate(nowNs, output);
    }

    /// <summary>Give up all buckets by a planned move; connections stay until <see cref="Depart"/>.</summary>
    public void Leave(long nowNs, IMembershipOutput output)
    {
        if (_leaving)
            return;
        nowNs = BeginTurn(nowNs, output);
        _leaving = true;
        _announce = true;
        Decide(output, "leave", "by order");
        Evaluate(nowNs, output);
    }

    /// <summary>Take nothing any more, and say so; the others then take over at once, without waiting for a lease.</summary>
    public void Depart(long nowNs, IMembershipOutput output)
    {
        if (_departed)
            return;
        nowNs = BeginTurn(nowNs, output);
        _rows.AsSpan().Clear();
        _active = null;
        InstallRows(output);
        SetLease(0, output);
        _leaving = true;
        _departed = true;
        _departedNs = nowNs;
        _announce = true;
        Decide(output, "depart", "by order");
        Evaluate(nowNs, output);
    }

    /// <summary>True once no bucket is this node's, so that a leaving node need only wait for its connections.</summary>
    public bool HoldsNothing => _active is null || !_rows.AsSpan().Contains((byte)RowFlags.Mine)
        && !_rows.AsSpan().Contains((byte)(RowFlags.Mine | RowFlags.HoldResets));

    /// <summary>After <see cref="Depart"/>: every peer has moved on to a view without this node, or had time enough to.</summary>
    public bool MayStop(long nowNs)
    {
        if (!_departed)
            return false;
        if (nowNs - _departedNs >= 2 * Math.Max(_settings.SlostCount, _settings.MlostCount) * _settings.PulseNs)
            return true;
        foreach (PeerState? peer in _peers)
        {
            if (peer is { Mutual: true } && peer.Last.Promised <= (_promised?.Id ?? ViewId.None))
                return false;
        }

        return true;
    }
}
