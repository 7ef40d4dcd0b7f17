using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// All lans of one heart: seals every heartbeat for each lan by itself, so that each lan is judged by what it carries. Owns its
/// sockets and ciphers. One thread.
/// </summary>
internal sealed class HeartLink : IDisposable
{
    /// <summary>A flood must not keep the thread from its timers.</summary>
    private const int FramesPerDrainMax = 1024;

    private static readonly long _foreignNs = MonotonicClock.FromMs(10_000);
    private static readonly long _reportNs = MonotonicClock.FromMs(60_000);
    private readonly FarmLan[] _lans;
    private readonly FrameSealer _sealer;
    private readonly FrameOpener _opener;
    private readonly NodeId _peer;
    private readonly byte[] _sealed = new byte[Limits.DatagramBytesMax];
    private readonly byte[] _received = new byte[Limits.DatagramBytesMax + 1];
    private readonly byte[] _plain = new byte[Limits.DatagramBytesMax];
    private long _forgedNs = long.MinValue / 2;
    private long _reportedNs = long.MinValue / 2;

    public HeartLink(HeartOptions options)
    {
        byte[] key = SealedFrame.PurposeKey(options.ClusterKey.Span, $"heart/{options.Module}");
        _peer = options.Settings.Peer;
        _sealer = new FrameSealer(key, options.Settings.Self, options.Incarnation);
        _opener = new FrameOpener(key, Math.Max(options.Settings.Self.Index, _peer.Index) + 1);
        var lans = new List<FarmLan>();
        try
        {
            lans.AddRange(options.Lans.Select(lan => new FarmLan(lan)));
        }
        catch
        {
            lans.ForEach(lan => lan.Dispose());
            throw;
        }

        _lans = [.. lans];
    }

    public ReadOnlySpan<FarmLan> Lans => _lans;

    public bool AmongForeigners => MonotonicClock.NowNs - _forgedNs < _foreignNs;

    public void Send(int lan, ReadOnlySpan<byte> plain)
    {
        int length = _sealer.Seal(plain, _sealed);
        _lans[lan].Send(_peer, _sealed.AsSpan(0, length));
    }

    /// <summary>Hands everything that has arrived to the core.</summary>
    public void Drain(HeartCore core, IHeartOutput output)
    {
        for (int lan = 0; lan < _lans.Length; lan++)
        {
            for (int i = 0; i < FramesPerDrainMax; i++)
            {
                int length = _lans[lan].Receive(_received);
                if (length < 0)
                    break;
                Accept(lan, _received.AsSpan(0, length), core, MonotonicClock.NowNs, output);
            }
        }
    }

    /// <summary>One datagram from outside; anything that is not a heartbeat of the peer is counted and forgotten.</summary>
    internal void Accept(int number, ReadOnlySpan<byte> datagram, HeartCore core, long nowNs, IHeartOutput output)
    {
        FarmLan lan = _lans[number];
        if (datagram.Length > Limits.DatagramBytesMax)
        {
            lan.Malformed++;
            return;
        }

        OpenVerdict verdict = _opener.Open(datagram, _plain, out NodeId sender, out int plainBytes);
        switch (verdict)
        {
            case OpenVerdict.Opened when sender == _peer:
                lan.Heard(sender, nowNs);
                core.Receive(number, _plain.AsSpan(0, plainBytes), nowNs, output);
                break;
            case OpenVerdict.Repeated:
                lan.Repeated++;
                break;
            case OpenVerdict.Forged:
                lan.Forged++;
                ReportForged(nowNs, output);
                break;
            default:
                lan.Malformed++;
                break;
        }
    }

    public LinkSnapshot[] Snapshot(long nowNs)
    {
        var links = new LinkSnapshot[_lans.Length];
        for (int lan = 0; lan < links.Length; lan++)
            links[lan] = _lans[lan].Snapshot(nowNs);
        return links;
    }

    public void Dispose()
    {
        foreach (FarmLan lan in _lans)
            lan.Dispose();
        _sealer.Dispose();
        _opener.Dispose();
    }

    private void ReportForged(long nowNs, IHeartOutput output)
    {
        _forgedNs = nowNs;
        if (nowNs - _reportedNs < _reportNs)
            return;
        _reportedNs = nowNs;
        const string Text = "a frame is not sealed with this cluster's key; compare cluster.key, and the module's number, on both nodes";
        output.Decide(new MembershipDecision("wrong-key", Text));
    }
}
