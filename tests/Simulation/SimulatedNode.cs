using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>One node: its clock, its filter, and the process that runs the real protocol core, as long as it runs.</summary>
public sealed class SimulatedNode : IMembershipOutput
{
    /// <summary>What a socket buffer holds while the process does not read.</summary>
    private const int InboxFramesMax = 400;

    /// <summary>Older copies of the saved state that a restored disk might hold.</summary>
    private const int CopiesMax = 6;

    private readonly Cluster _cluster;
    private readonly Queue<byte[]> _inbox = new();
    private readonly List<(byte[] Memory, long LeaseUntilNs)> _copies = [];
    private byte[]? _memory;
    private long _rememberedLeaseNs;
    private int _outputsUntilKill = int.MaxValue;
    private ulong _incarnation;
    private ulong _promisedLife;

    public SimulatedNode(Cluster cluster, int index, SimulatedClock clock, MembershipSettings settings)
    {
        _cluster = cluster;
        Index = index;
        Clock = clock;
        Settings = settings;
        Filter = new SimulatedFilter(settings.Groups.Count * Limits.BucketsPerGroup);
        _incarnation = (ulong)(1000 + index);
    }

    public int Index { get; }

    public SimulatedClock Clock { get; }

    public MembershipSettings Settings { get; }

    public SimulatedFilter Filter { get; }

    /// <summary>For measurements: the real time that the core took.</summary>
    public Stopwatch Processor { get; } = new();

    /// <summary>Null while the process is dead.</summary>
    public MembershipCore? Core { get; private set; }

    /// <summary>The kernel's: they outlive the process, but not the power.</summary>
    public List<SimulatedConnection> Connections { get; } = [];

    public bool Paused { get; private set; }

    public bool WillRestart { get; set; } = true;

    /// <summary>Since when the process runs without a pause.</summary>
    public long RunningSinceNs { get; private set; } = long.MaxValue;

    public long TickVersion { get; private set; }

    /// <summary>Rows, lease or views changed in the last turn: the checker must look.</summary>
    public bool Changed { get; set; }

    /// <summary>As of the process's last turn: they outlive it, as its filter does.</summary>
    public View? Active { get; private set; }

    public View? Promised { get; private set; }

    /// <summary>The view that the present end of the lease rests on.</summary>
    public View? LeaseGround { get; private set; }

    public long ActiveLeaseUntilNs { get; private set; }

    public long LocalNs => Clock.Local(_cluster.NowNs);

    /// <summary>The filter takes packets at this instant.</summary>
    public bool Accepts => LocalNs < Filter.LeaseUntilNs;

    public void Start()
    {
        // Some daemons close the filter that a former life left, others go on with it.
        bool closes = _cluster.Random.Chance(0.5);
        if (closes)
            Filter.LeaseUntilNs = 0;
        Core = new MembershipCore(Settings, ++_incarnation, LocalNs, filterWasClosed: closes);
        _cluster.Trace(this, "started");
        _memory = null;
        // A handshake that began in the former life and that no count can find: a client may have to try again.
        if (closes)
            Connections.RemoveAll(connection => connection.VisibleNs > _cluster.NowNs);
        Begin();
        Core.ReportConnections(CountConnections(), new byte[Filter.Rows.Length / 8], LocalNs, LocalNs, this);
        ScheduleTick();
    }

    /// <summary>The next process on this node: it goes on with its predecessor's life if that one's lease still runs, as the daemon does.</summary>
    /// <param name="copy">Which copy of the state it finds: 0 is what the predecessor wrote last, others are older.</param>
    public void StartAgain(int copy = 0)
    {
        (byte[]? memory, long leaseUntilNs) = copy == 0 || _copies.Count == 0
            ? (_memory, _rememberedLeaseNs)
            : _copies[Math.Max(0, _copies.Count - copy)];
        bool valid = leaseUntilNs > LocalNs || (Settings.Mistake & ProtocolMistake.ResumeAfterLease) != 0;
        if (memory is null || !valid || MembershipMemory.Decode(memory, Settings.Groups.Count) is not { } former)
        {
            Start();
            return;
        }

        Core = new MembershipCore(Settings, former, leaseUntilNs, LocalNs);
        // What the lease rests on is known to the model alone.
        Core.AssumeGround(LeaseGround, ActiveLeaseUntilNs);
        _memory = Core.Memory().Encode();
        Begin();
        Core.Resume(this);
        Core.ReportConnections(CountConnections(), [.. _cluster.Traffic.Busy], LocalNs, LocalNs, this);
        EndTurn();
    }

    /// <summary>SIGKILL in the middle of a turn: of what it puts out from now on, only so much happens.</summary>
    public void KillWithin(int outputs) => _outputsUntilKill = outputs;

    public bool IsDying => _outputsUntilKill != int.MaxValue;

    /// <summary>A bit for each bucket of which the kernel has a connection that can be counted.</summary>
    public byte[] CountConnections()
    {
        byte[] holding = new byte[Filter.Rows.Length / 8];
        foreach (SimulatedConnection connection in Connections)
        {
            if (connection.VisibleNs <= _cluster.NowNs)
                holding[connection.Bucket >> 3] |= (byte)(1 << (connection.Bucket & 7));
        }

        return holding;
    }

    /// <summary>SIGKILL: the filter goes on until its lease ends.</summary>
    public void Kill()
    {
        _cluster.Trace(this, "killed");
        Core = null;
        _outputsUntilKill = int.MaxValue;
        Paused = false;
        RunningSinceNs = long.MaxValue;
        TickVersion++;
    }

    /// <summary>The whole server loses power.</summary>
    public void PowerOff()
    {
        Kill();
        Filter.Clear();
        _memory = null;
        _copies.Clear();
        _cluster.Traffic.Abandon(this);
        Active = null;
        Promised = null;
        LeaseGround = null;
        ActiveLeaseUntilNs = 0;
        Changed = true;
    }

    public void Pause()
    {
        _cluster.Trace(this, "paused");
        Paused = true;
        RunningSinceNs = long.MaxValue;
        TickVersion++;
    }

    public void Resume()
    {
        if (!Paused || Core is null)
            return;
        _cluster.Trace(this, "resumed");
        Paused = false;
        RunningSinceNs = _cluster.NowNs;
        while (_inbox.TryDequeue(out byte[]? frame))
            Core.Receive(frame, LocalNs, this);
        Tick();
    }

    public void Deliver(ReadOnlySpan<byte> frame)
    {
        if (Core is null)
            return;
        if (Paused)
        {
            if (_inbox.Count < InboxFramesMax)
                _inbox.Enqueue(frame.ToArray());
            return;
        }

        Processor.Start();
        Core.Receive(frame, LocalNs, this);
        Processor.Stop();
        EndTurn();
    }

    public void Tick()
    {
        if (Core is null || Paused)
            return;
        Processor.Start();
        if (LocalNs >= Core.NextTickNs)
            Core.Tick(LocalNs, this);
        Processor.Stop();
        EndTurn();
    }

    public void Order(Action<MembershipCore> order)
    {
        if (Core is null || Paused)
            return;
        order(Core);
        EndTurn();
    }

    void IMembershipOutput.InstallRows(ReadOnlySpan<byte> rows)
    {
        if (!Happens())
            return;
        Filter.Install(rows);
        // The view of these rows, even if the process does not live to the end of its turn.
        Active = Core?.ActiveViewForChecks;
        Changed = true;
    }

    void IMembershipOutput.SetLease(long untilNs)
    {
        if (untilNs > LocalNs + Settings.LeaseNs)
            throw _cluster.Violation("F4", $"n{Index} sets a lease of more than {Settings.LeaseMs} ms");
        if (!Happens())
            return;
        Filter.LeaseUntilNs = untilNs;
        LeaseGround = Core?.LeaseGround ?? LeaseGround;
        ActiveLeaseUntilNs = Core?.ActiveLeaseUntilNs ?? ActiveLeaseUntilNs;
        Changed = true;
        if (Happens())
            _rememberedLeaseNs = untilNs;
    }

    void IMembershipOutput.Remember(MembershipMemory memory)
    {
        if (!Happens())
            return;
        if (_memory is not null && _cluster.Options.ChecksInvariants)
            _copies.Add((_memory, _rememberedLeaseNs));
        if (_copies.Count > CopiesMax)
            _copies.RemoveAt(0);
        _memory = memory.Encode();
    }

    void IMembershipOutput.Send(NodeId to, ReadOnlySpan<byte> frame)
    {
        if (Happens())
            _cluster.Transmit(Index, to.Index, frame);
    }

    void IMembershipOutput.Decide(in MembershipDecision decision) => _cluster.Decided(this, decision);

    private void Begin()
    {
        _outputsUntilKill = int.MaxValue;
        _inbox.Clear();
        Paused = false;
        RunningSinceNs = _cluster.NowNs;
        ScheduleTick();
    }

    /// <summary>Whether the process still lives to do what its core puts out.</summary>
    private bool Happens() => _outputsUntilKill == int.MaxValue || --_outputsUntilKill >= 0;

    private void EndTurn()
    {
        if (_outputsUntilKill < 0)
        {
            Kill();
            if (Changed)
                _cluster.Check();
            return;
        }

        Active = Core!.ActiveViewForChecks;
        if (_promisedLife == Core.Incarnation && Promised is { } before && !(Core.PromisedView?.Id >= before.Id))
            throw _cluster.Violation("F1", $"n{Index} goes back from its promise of {before} to {Core.PromisedView}");
        _promisedLife = Core.Incarnation;
        Promised = Core.PromisedView;
        LeaseGround = Core.LeaseGround;
        ActiveLeaseUntilNs = Core.ActiveLeaseUntilNs;
        ScheduleTick();
        if (Changed)
            _cluster.Check();
    }

    private void ScheduleTick() => _cluster.ScheduleTick(this, ++TickVersion, Core!.NextTickNs);
}
