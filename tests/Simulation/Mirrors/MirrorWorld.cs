namespace SafeKit.Simulation.Mirrors;

/// <summary>Virtual time, the two nodes, and the network between them.</summary>
internal sealed class MirrorWorld
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;

    private readonly PriorityQueue<Action, (long AtNs, long Order)> _events = new();
    private readonly TextWriter? _log;
    private readonly bool[] _isCut = new bool[2];
    private long _order;

    public MirrorWorld(MirrorOptions options, TextWriter? log = null)
    {
        Options = options;
        Random = new SimulationRandom(options.Seed ^ 0x4D495252);
        _log = log;
        Checks = new MirrorChecks(this);
        Faults = new MirrorFaults(this);
        Nodes = [new MirrorNode(this, 0, "a"), new MirrorNode(this, 1, "b")];
    }

    public MirrorOptions Options { get; }

    public SimulationRandom Random { get; }

    public MirrorChecks Checks { get; }

    public MirrorFaults Faults { get; }

    public MirrorNode[] Nodes { get; }

    public long NowNs { get; private set; } = Second;

    public double LossRate { get; set; }

    public bool IsAnyCut => _isCut[0] || _isCut[1];

    /// <summary>Numbers of the writes of the application, unique in a run.</summary>
    public long LastWrite { get; set; }

    public MirrorNode Other(MirrorNode node) => Nodes[1 - node.Index];

    /// <summary>Is nothing of what this node sends received?</summary>
    public bool IsCut(MirrorNode from) => _isCut[from.Index];

    public void SetCut(int from, bool isCut) => _isCut[from] = isCut;

    public void At(long delayNs, Action action) => _events.Enqueue(action, (NowNs + delayNs, _order++));

    public void RunUntil(long atNs)
    {
        while (_events.TryPeek(out _, out (long AtNs, long Order) next) && next.AtNs <= atNs)
        {
            NowNs = next.AtNs;
            _events.Dequeue()();
        }

        NowNs = atNs;
    }

    public void RunFor(long durationNs) => RunUntil(NowNs + durationNs);

    /// <summary>A random time from one to the other, in milliseconds.</summary>
    public long Ms(int from, int to) => Random.Range(from * Millisecond, to * Millisecond);

    public long NetworkDelayNs() => Random.Range(50_000L, Options.DelayNsMax);

    public ulong NextEpoch() => Random.Next() | 1;

    public Guid NextChapter()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Random.Next());
        BitConverter.TryWriteBytes(bytes[8..], Random.Next());
        return new Guid(bytes);
    }

    public void Log(string text) => _log?.WriteLine($"{(NowNs - Second) / 1e6,12:F3} {text}");

    public SimulationViolation Violation(string invariant, string text) => new(invariant, text, Options.Seed, NowNs - Second);
}
