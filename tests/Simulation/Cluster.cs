using System.Buffers;
using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>
/// A whole cluster in one thread with virtual time: real cores, simulated clocks, filters and networks. The seed decides
/// everything, so that a run can be repeated exactly.
/// </summary>
public sealed class Cluster
{
    /// <summary>How often invariants that depend on time alone are looked at.</summary>
    private const long CheckEveryNs = 10_000_000;

    private const double StragglerRate = 0.01;

    private readonly PriorityQueue<ClusterEvent, (long AtNs, long Order)> _events = new();
    private readonly AcceptorChecker _acceptors;
    private readonly ConnectionChecker _connections;
    private long _order;

    public Cluster(SimulationOptions options, TextWriter? trace = null)
    {
        Options = options;
        TraceWriter = trace;
        Random = new SimulationRandom(options.Seed ^ 0x5AFE);
        Network = new SimulatedNetwork(options.Lans, options.Nodes) { LossRate = options.LossRate };
        int[] equal = [.. Enumerable.Repeat(1, options.Nodes)];
        IReadOnlyList<GroupSettings> groups = options.Groups ?? [new GroupSettings("default", equal)];
        Nodes = new SimulatedNode[options.Nodes];
        for (int node = 0; node < Nodes.Length; node++)
        {
            int ppm = Random.Range(-options.ClockRatePpmMax, options.ClockRatePpmMax + 1);
            var clock = new SimulatedClock(Random.Range(0L, 1_000_000_000_000L), ppm);
            Nodes[node] = new SimulatedNode(this, node, clock, SettingsOf(node, groups));
        }

        _acceptors = new AcceptorChecker(this);
        _connections = new ConnectionChecker(this);
        Traffic = new ConnectionTraffic(this);
        TableBytes = new long[options.Nodes];
    }

    public SimulationOptions Options { get; }

    public SimulationRandom Random { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedNode[] Nodes { get; }

    public ConnectionTraffic Traffic { get; }

    public long NowNs { get; private set; }

    public TextWriter? TraceWriter { get; }

    public long MergeBoundNs => _acceptors.MergeBoundNs;

    /// <summary>For measurements.</summary>
    public long BytesSent { get; private set; }

    public long FramesSent { get; private set; }

    /// <summary>For measurements: bytes of views, whole or as differences, that were sent to each node.</summary>
    public long[] TableBytes { get; }

    /// <summary>What becomes of a frame on its way, for damage that no network does.</summary>
    internal Func<byte[], byte[]>? OnTransmit { get; set; }

    /// <summary>Extra checks of a scenario, run whenever the invariants are.</summary>
    public Action? OnCheck { get; set; }

    public Action<SimulatedNode, MembershipDecision>? OnDecision { get; set; }

    public void RunFor(long durationNs)
    {
        long endNs = NowNs + durationNs;
        for (long checkNs = NowNs; checkNs <= endNs; checkNs += CheckEveryNs)
        {
            RunUntil(checkNs);
            Check();
        }

        RunUntil(endNs);
    }

    public bool RunUntilTrue(Func<bool> condition, long atMostNs, long stepNs = 1_000_000)
    {
        long endNs = NowNs + atMostNs;
        while (!condition())
        {
            if (NowNs >= endNs)
                return false;
            RunUntil(NowNs + stepNs);
            Check();
        }

        return true;
    }

    public void At(long trueNs, Action action) =>
        _events.Enqueue(new ClusterEvent { Action = action }, (Math.Max(trueNs, NowNs), _order++));

    public void Check()
    {
        if (!Options.ChecksInvariants)
            return;
        _acceptors.Check();
        _connections.Check();
        OnCheck?.Invoke();
        foreach (SimulatedNode node in Nodes)
            node.Changed = false;
    }

    public SimulationViolation Violation(string invariant, string text) => new(invariant, text, Options.Seed, NowNs);

    public void Trace(SimulatedNode? node, string text) =>
        TraceWriter?.WriteLine($"{NowNs / 1e6,12:F3} {(node is null ? "--" : $"n{node.Index}")} {text}");

    internal void Decided(SimulatedNode node, in MembershipDecision decision)
    {
        if (TraceWriter is not null)
            Trace(node, decision.ToString());
        OnDecision?.Invoke(node, decision);
    }

    internal void ScheduleTick(SimulatedNode node, long version, long localNs)
    {
        // A thread is woken a little late.
        long atNs = node.Clock.True(localNs) + Random.Range(0L, 200_000L);
        _events.Enqueue(new ClusterEvent { Node = node, TickVersion = version }, (Math.Max(atNs, NowNs), _order++));
    }

    internal void Transmit(int from, int to, ReadOnlySpan<byte> frame)
    {
        if (OnTransmit is not null)
            frame = OnTransmit(frame.ToArray());
        for (int lan = 0; lan < Options.Lans; lan++)
        {
            BytesSent += frame.Length;
            FramesSent++;
            if (IsTable(frame))
                TableBytes[to] += frame.Length;
            if (Network.IsCut(lan, from, to) || Random.Chance(Network.LossRate) || (IsReport(frame) && Random.Chance(LateReports)))
                continue;
            Enqueue(lan, from, to, frame);
            if (Random.Chance(Options.DuplicationRate))
                Enqueue(lan, from, to, frame);
        }
    }

    /// <summary>Until everything is healed.</summary>
    private double LateReports => Network.LossRate > 0 ? Options.LateReports : 0;

    private static bool IsReport(ReadOnlySpan<byte> frame) => frame[1] == (byte)FrameKind.BucketReport;

    private static bool IsTable(ReadOnlySpan<byte> frame) => frame[1] is (byte)FrameKind.ViewPart or (byte)FrameKind.ViewDifferencePart;

    private void Enqueue(int lan, int from, int to, ReadOnlySpan<byte> frame)
    {
        long delayNs = Random.Range(Options.DelayNsMin, Options.DelayNsMax);
        double stragglers = IsReport(frame) ? LateReports : IsTable(frame) ? LateReports / 2 : 0;
        if (Options.StragglerNsMax > 0 && Random.Chance(Math.Max(stragglers, StragglerRate)))
            delayNs += Random.Range(0, Options.StragglerNsMax);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(buffer);
        var arrival = new ClusterEvent { Node = Nodes[to], Frame = buffer, Length = frame.Length, Lan = lan, From = from };
        _events.Enqueue(arrival, (NowNs + delayNs, _order++));
    }

    private void RunUntil(long endNs)
    {
        while (_events.TryPeek(out _, out (long AtNs, long Order) due) && due.AtNs <= endNs)
        {
            ClusterEvent next = _events.Dequeue();
            NowNs = Math.Max(NowNs, due.AtNs);
            Handle(next);
        }

        NowNs = Math.Max(NowNs, endNs);
    }

    private void Handle(in ClusterEvent next)
    {
        if (next.Action is not null)
        {
            next.Action();
            if (Array.Exists(Nodes, node => node.Changed))
                Check();
        }
        else if (next.Frame is not null)
        {
            // A cable that is cut takes what is on it.
            if (!Network.IsCut(next.Lan, next.From, next.Node!.Index))
                next.Node.Deliver(next.Frame.AsSpan(0, next.Length));
            ArrayPool<byte>.Shared.Return(next.Frame);
        }
        else if (next.Node!.TickVersion == next.TickVersion)
        {
            next.Node.Tick();
        }
    }

    private MembershipSettings SettingsOf(int node, IReadOnlyList<GroupSettings> groups)
    {
        var settings = new MembershipSettings
        {
            NodeCount = Options.Nodes,
            Self = new Core.NodeId((byte)node),
            PulseMs = Options.PulseMs,
            SlostCount = Options.SlostCount,
            MlostCount = Options.MlostCount,
            SettleMs = Options.SettleMs,
            ConfigurationSignature = node == Options.Stranger ? 0xBADUL : 0xC0FFEE,
            Groups = groups,
            Mistake = Options.Mistake,
        };
        return Options.LeaseMsMore == 0 ? settings : settings with { LeaseMsGiven = settings.LeaseMsMin + Options.LeaseMsMore };
    }
}
