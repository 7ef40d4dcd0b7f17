using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>
/// One node: the real machine, the model of the data, heartbeats. A process that is paused does nothing and then everything at once; one that has ended, or
/// a machine without power, forgets all but <see cref="Data"/>.
/// </summary>
internal sealed partial class MirrorNode
{
    private readonly MirrorModuleMachine _machine;
    private readonly Queue<Action> _backlog = [];
    private MirrorModuleState _state = new();
    private int _life;
    private long _busyUntilNs;
    private long _tickAtNs = long.MaxValue;

    public MirrorNode(MirrorWorld world, int index, string name)
    {
        World = world;
        Index = index;
        Name = name;
        _machine = new MirrorModuleMachine(new MirrorModuleSettings
        {
            NodeName = name,
            DefaultPrim = world.Options.DefaultPrim,
            LoopInterval = TimeSpan.Zero,
            Mistake = world.Options.Mistake,
        });
    }

    public MirrorWorld World { get; }

    public int Index { get; }

    public string Name { get; }

    public SimulatedData Data { get; } = new();

    /// <summary>What a secondary's memory held before it crashed; only a planted mistake looks at it.</summary>
    public (ulong Epoch, int Start, int Count) LastMap { get; set; }

    public LeaderModel? Leader { get; private set; }

    public FollowerModel? Follower { get; private set; }

    public MirrorModuleState State => _state;

    public bool IsAlive { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Paused with its whole machine: what is sent to it meanwhile is lost.</summary>
    public bool IsFrozen { get; private set; }

    public bool IsDiskSlow { get; set; }

    public const long SilenceNs = 3 * MirrorWorld.Second;

    public bool Leads => IsAlive && _state.State is MirrorState.Alone or MirrorState.Prim;

    public void Boot()
    {
        if (IsAlive)
            return;
        IsAlive = true;
        _life++;
        (_state, _tickAtNs, _busyUntilNs) = (new MirrorModuleState(), long.MaxValue, 0);

        // The filter has outlived the process that died: it is silenced before this one says anything that lets the other take over.
        LeaseEndNs = 0;
        World.Log($"{Name}: process starts, {Data.Record.Standing}, {Data.Writes.Count} writes");
        StartHeart();
        Step(new MirrorEvent.OwnDataChanged(OwnData()));
    }

    /// <summary>The process ends at once: what it had written stays, and so does the filter with the lease.</summary>
    public void Kill(bool losesPower)
    {
        if (!IsAlive)
            return;
        World.Log($"{Name}: {(losesPower ? "loses its power" : "process killed")}");
        IsAlive = IsPaused = IsFrozen = false;
        _life++;
        _backlog.Clear();
        Leader?.Die(silently: losesPower);
        Follower?.Die(silently: losesPower);
        (Leader, Follower) = (null, null);
        if (!losesPower)
            return;
        LeaseEndNs = 0;
        Data.LosePower(World.Random);
    }

    /// <param name="isFrozen">The whole machine, so that its kernel keeps nothing for it.</param>
    public void Pause(bool isFrozen)
    {
        if (!IsAlive || IsPaused)
            return;
        World.Log($"{Name}: {(isFrozen ? "frozen" : "paused")}");
        (IsPaused, IsFrozen) = (true, isFrozen);
    }

    public void Resume()
    {
        if (!IsPaused)
            return;
        World.Log($"{Name}: goes on");
        IsPaused = IsFrozen = false;
        while (!IsPaused && _backlog.TryDequeue(out Action? action))
            action();
    }

    /// <summary>Does something on this node after a time, unless its process has ended by then.</summary>
    public void Later(long delayNs, Action action)
    {
        int life = _life;
        World.At(delayNs, () => Now(life, action));
    }

    public void Post(MirrorEvent happened) => Later(World.Random.Range(1000L, 50_000L), () => Step(happened));

    /// <summary>An administrator types something.</summary>
    public void Order(MirrorEvent order)
    {
        World.Log($"{Name}: order {order}");
        Later(0, () => Step(order));
    }

    public long DiskNs() => IsDiskSlow ? World.Ms(100, 600) : World.Random.Range(200_000L, 5_000_000L);

    /// <summary>Writes the record. The thread that writes waits for the disk.</summary>
    public bool TryWrite(GenerationRecord record)
    {
        if (!Data.TryWrite(record))
        {
            Post(new MirrorEvent.DataFailed("the disk of the record fails"));
            return false;
        }

        World.Log($"{Name}: record {record.Standing} {record.Current.ToString()[..4]}");
        _busyUntilNs = Math.Max(_busyUntilNs, World.NowNs + DiskNs());
        Post(new MirrorEvent.OwnDataChanged(OwnData()));
        Later(0, UpdatePeer);
        return true;
    }

    private void Now(int life, Action action)
    {
        if (life != _life || !IsAlive)
            return;
        if (IsPaused)
            _backlog.Enqueue(() => Now(life, action));
        else if (World.NowNs < _busyUntilNs)
            World.At(_busyUntilNs - World.NowNs, () => Now(life, action));
        else
            action();
    }

    private MirrorOwnData OwnData() => new((MirrorDataStanding)Data.Record.Standing, Data.Record.WasPrimary);

    private void Step(MirrorEvent happened)
    {
        MirrorModuleDecision decision = _machine.Step(_state, happened, World.NowNs);
        (MirrorState State, ModuleStatus Status) before = (_state.State, _state.Status);
        _state = decision.State;
        if (happened is not (MirrorEvent.PeerChanged or MirrorEvent.Tick or MirrorEvent.ScriptEnded))
            World.Log($"{Name}: {happened}");
        if (before != (_state.State, _state.Status))
            World.Log($"{Name}: {_state.State} {_state.Status} {_state.Rule}");
        foreach (MirrorAction action in decision.Actions)
            Perform(action);
        RenewLease();
        if (_state.DeadlineNs is not { } deadlineNs || deadlineNs >= _tickAtNs)
            return;
        _tickAtNs = deadlineNs;
        Later(deadlineNs - World.NowNs, () =>
        {
            _tickAtNs = long.MaxValue;
            Step(new MirrorEvent.Tick());
        });
    }
}
