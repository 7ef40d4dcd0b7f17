using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>One of two hearts on a virtual wire and a virtual clock.</summary>
internal sealed class HeartTwin : IHeartOutput
{
    public const int PulseMs = 100;
    public const int TimeoutMs = 1000;

    private readonly Queue<(int Lan, byte[] Frame)> _arrived = new();

    public HeartTwin(byte self, int lans, long nowMs = 0)
    {
        Self = self;
        var settings = new HeartSettings
        {
            Self = new NodeId(self),
            Peer = new NodeId((byte)(1 - self)),
            Lans = [.. Enumerable.Repeat(new HeartLanTiming(PulseMs, TimeoutMs), lans)],
        };
        Core = new HeartCore(settings, (ulong)(100 + nowMs), new HeartContent(), MonotonicClock.FromMs(nowMs));
        Cut = new bool[lans];
    }

    public byte Self { get; }

    public HeartCore Core { get; }

    public HeartTwin? Other { get; set; }

    /// <summary>Lans on which nothing that this one sends arrives.</summary>
    public bool[] Cut { get; }

    /// <summary>Its process is stopped.</summary>
    public bool Paused { get; set; }

    public long LeaseUntilNs { get; private set; }

    public List<string> Told { get; } = [];

    public List<string> Rules { get; } = [];

    public int Sent { get; private set; }

    public void Turn(long nowNs)
    {
        if (Paused)
            return;
        while (_arrived.TryDequeue(out (int Lan, byte[] Frame) arrived))
            Core.Receive(arrived.Lan, arrived.Frame, nowNs, this);
        if (nowNs >= Core.NextTickNs)
            Core.Tick(nowNs, this);
    }

    public void Send(int lan, ReadOnlySpan<byte> frame)
    {
        Sent++;
        if (!Cut[lan])
            Other?._arrived.Enqueue((lan, frame.ToArray()));
    }

    public void SetLease(long untilNs) => LeaseUntilNs = untilNs;

    public void PeerHeard(HeartContent content, ulong incarnation) => Told.Add($"heard {content.State}");

    public void PeerLost() => Told.Add("lost");

    public void LateChanged(bool late) => Told.Add(late ? "late" : "punctual");

    public void LanChanged(int lan, bool up) => Told.Add($"lan{lan} {(up ? "up" : "down")}");

    public void Decide(in MembershipDecision decision) => Rules.Add(decision.Rule);
}
