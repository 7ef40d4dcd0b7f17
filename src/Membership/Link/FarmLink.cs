using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// All lans of this node: sends every frame on each, and lets each frame in once, whichever lan brought it first.
/// Owns its sockets and ciphers. One thread.
/// </summary>
internal sealed class FarmLink : IDisposable
{
    /// <summary>A flood must not keep the thread from its timers.</summary>
    private const int FramesPerDrainMax = 8192;

    private readonly FarmLan[] _lans;
    private readonly FrameSealer _sealer;
    private readonly FrameOpener _opener;
    private readonly NodeId _self;
    private readonly byte[] _sealed = new byte[Limits.DatagramBytesMax];
    private readonly byte[] _received = new byte[Limits.DatagramBytesMax + 1];
    private readonly byte[] _plain = new byte[Limits.DatagramBytesMax];
    private readonly long[] _forgedReportedNs;
    private readonly MembershipStore? _store;

    /// <param name="incarnation">The life that is spoken for, whose frames are numbered above <paramref name="counter"/>.</param>
    /// <param name="resumes">The frames that the predecessor has let in are not let in again.</param>
    public FarmLink(RunnerOptions options, ulong incarnation, ulong counter = 0, bool resumes = false)
    {
        byte[] key = SealedFrame.PurposeKey(options.ClusterKey.Span, $"farm/{options.Module}");
        _self = options.Settings.Self;
        _sealer = new FrameSealer(key, _self, incarnation, counter);
        _opener = new FrameOpener(key, options.Settings.NodeCount);
        _store = options.Store;
        for (byte node = 0; resumes && node < options.Settings.NodeCount; node++)
        {
            if (_store?.HeardOf(new NodeId(node)) is { Incarnation: not 0 } heard)
                _opener.Resume(new NodeId(node), heard.Incarnation, heard.Counter);
        }

        _forgedReportedNs = new long[options.Settings.NodeCount];
        _lans = new FarmLan[options.Lans.Count];
        for (int lan = 0; lan < _lans.Length; lan++)
            _lans[lan] = new FarmLan(options.Lans[lan]);
    }

    public ReadOnlySpan<FarmLan> Lans => _lans;

    public void Send(NodeId to, ReadOnlySpan<byte> plain)
    {
        int length = _sealer.Seal(plain, _sealed);
        foreach (FarmLan lan in _lans)
            lan.Send(to, _sealed.AsSpan(0, length));
    }

    /// <summary>Hands everything that has arrived to the core.</summary>
    public void Drain(MembershipCore core, IMembershipOutput output)
    {
        foreach (FarmLan lan in _lans)
        {
            for (int i = 0; i < FramesPerDrainMax; i++)
            {
                int length = lan.Receive(_received);
                if (length < 0)
                    break;
                Accept(lan, _received.AsSpan(0, length), core, MonotonicClock.NowNs, output);
            }
        }
    }

    /// <summary>One datagram from outside; anything that is not a frame of the cluster is counted and forgotten.</summary>
    internal void Accept(FarmLan lan, ReadOnlySpan<byte> datagram, MembershipCore core, long nowNs, IMembershipOutput output)
    {
        if (datagram.Length > Limits.DatagramBytesMax)
        {
            lan.Malformed++;
            return;
        }

        OpenVerdict verdict = _opener.Open(datagram, _plain, out NodeId sender, out int plainBytes);
        switch (verdict)
        {
            case OpenVerdict.Opened:
                lan.Heard(sender, nowNs);
                _store?.Heard(sender, SealedFrame.IncarnationOf(datagram), SealedFrame.CounterOf(datagram));
                // Who sealed it and who it says it is must agree: a node cannot speak for another.
                if (plainBytes > 2 && _plain[2] == sender.Index && sender != _self)
                    core.Receive(_plain.AsSpan(0, plainBytes), nowNs, output);
                else
                    lan.Malformed++;
                break;
            case OpenVerdict.Repeated:
                lan.Repeated++;
                break;
            case OpenVerdict.Forged:
                lan.Forged++;
                core.HearForeign(nowNs);
                ReportForged(sender, nowNs, output);
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

    private void ReportForged(NodeId sender, long nowNs, IMembershipOutput output)
    {
        long minuteNs = MonotonicClock.FromMs(60_000);
        if (_forgedReportedNs[sender.Index] != 0 && nowNs - _forgedReportedNs[sender.Index] < minuteNs)
            return;
        _forgedReportedNs[sender.Index] = nowNs;
        string text = $"node={sender}: a frame in its name is not sealed with this cluster's key; compare cluster.key on both nodes";
        output.Decide(new MembershipDecision("wrong-key", text));
    }
}
