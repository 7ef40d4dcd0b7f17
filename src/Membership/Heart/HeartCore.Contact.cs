using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>Whether the peer is there, and what it says.</summary>
public sealed partial class HeartCore
{
    private byte[] _peerContent = [];
    private int _peerContentBytes = -1;
    private ulong _peerIncarnation;
    private ulong _peerSequence;
    private HeartFrameFlags _peerFlags;
    private bool _answer;

    public HeartContact Contact { get; private set; }

    /// <summary>What the peer said last; null before its first heartbeat.</summary>
    public HeartContent? PeerContent { get; private set; }

    private void OnFrame(int lan, in HeartFrame head, ReadOnlySpan<byte> content, long nowNs, IHeartOutput output)
    {
        // A frame of an earlier life of the peer is older than everything that counts.
        if (head.Incarnation < _peerIncarnation)
            return;
        _lans[lan].Heard(nowNs);
        if (head.Incarnation == _peerIncarnation && head.Sequence <= _peerSequence)
            return;
        if (!TryTake(content, output, out bool isNews))
            return;
        isNews |= head.Incarnation != _peerIncarnation;
        (_peerIncarnation, _peerSequence, _peerFlags) = (head.Incarnation, head.Sequence, head.Flags);
        if (head.EchoIncarnation == _incarnation && head.EchoSequence >= _heldSequence)
            EndHold("the peer has answered", output);
        _answer |= head.Has(HeartFrameFlags.AsksAnswer);
        bool isBack = Contact != HeartContact.Heard;
        Contact = HeartContact.Heard;
        if (isBack)
            Decide(output, "peer-heard", $"lan={lan} incarnation={head.Incarnation}");
        if (isNews || isBack)
            output.PeerHeard(PeerContent!, _peerIncarnation);
    }

    /// <summary>Nothing is allocated while the peer says the same as before.</summary>
    private bool TryTake(ReadOnlySpan<byte> content, IHeartOutput output, out bool isNews)
    {
        isNews = _peerContentBytes != content.Length || !content.SequenceEqual(_peerContent.AsSpan(0, content.Length));
        if (!isNews)
            return true;
        if (!HeartContent.TryParse(content, out HeartContent? parsed))
        {
            Decide(output, "content-malformed", $"bytes={content.Length}; do both nodes run the same version?");
            return false;
        }

        PeerContent = parsed;
        _peerContent = content.ToArray();
        _peerContentBytes = content.Length;
        return true;
    }

    private void UpdateContact(long nowNs, IHeartOutput output)
    {
        bool any = false;
        for (int i = 0; i < _lans.Length; i++)
        {
            LanState lan = _lans[i];
            any |= nowNs < lan.LostAtNs;
            bool up = lan.WasHeard && nowNs < lan.LostAtNs;
            if (up == lan.IsUp)
                continue;
            lan.IsUp = up;
            Decide(output, up ? "lan-up" : "lan-down", up ? $"lan={i}" : $"lan={i} silentMs={MonotonicClock.ToMs(nowNs - lan.HeardNs):F0}");
            output.LanChanged(i, up);
        }

        if (any || Contact == HeartContact.Lost)
            return;
        bool wasThere = Contact == HeartContact.Heard;
        Contact = HeartContact.Lost;
        Decide(output, "peer-lost", wasThere ? "silent on every lan" : "never heard since the start");
        output.PeerLost();
    }

    /// <summary>One lan of the heart.</summary>
    private sealed class LanState(HeartLanTiming timing, long nowNs)
    {
        public HeartLanTiming Timing => timing;

        public bool IsUp { get; set; }

        public bool WasHeard => ArrivedNs != long.MinValue;

        /// <summary>When the peer was heard here, or when its timeout began anew.</summary>
        public long HeardNs { get; private set; } = nowNs;

        /// <summary>When the newest heartbeat really arrived here.</summary>
        public long ArrivedNs { get; private set; } = long.MinValue;

        public long SentNs { get; private set; } = nowNs;

        public long NextNs { get; private set; } = nowNs;

        public long LostAtNs => HeardNs + timing.TimeoutNs;

        /// <summary>When the peer may take this node for lost, as far as this lan counts, less all margins.</summary>
        public long LeaseEndsNs => SentNs + timing.LeaseNs;

        public void Heard(long nowNs)
        {
            HeardNs = Math.Max(HeardNs, nowNs);
            ArrivedNs = nowNs;
        }

        public void Sent(long nowNs)
        {
            SentNs = nowNs;
            NextNs = nowNs + timing.PulseNs;
        }

        public void Excuse(long lateNs, long nowNs)
        {
            // A lan that is down stays so: nobody is accused anew.
            if (WasHeard && !IsUp)
                return;
            long excusedNs = lateNs >= timing.TimeoutNs / 4 ? nowNs : Math.Min(nowNs, HeardNs + lateNs + (2 * timing.PulseNs));
            HeardNs = Math.Max(HeardNs, excusedNs);
        }
    }
}
