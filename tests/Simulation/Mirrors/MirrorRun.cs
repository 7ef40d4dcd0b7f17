using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>One run: a mirror is started for the first time, lives through faults, and has to come together when they stop.</summary>
internal sealed class MirrorRun
{
    private const long CalmNs = 25 * MirrorWorld.Second;
    private const long LookEveryNs = 100 * MirrorWorld.Millisecond;

    private readonly MirrorWorld _world;

    public MirrorRun(MirrorOptions options, TextWriter? log = null) => _world = new MirrorWorld(options, log);

    /// <summary>Was an administrator needed in the end?</summary>
    public bool NeededAdministrator { get; private set; }

    /// <exception cref="SimulationViolation">An invariant was broken.</exception>
    public void Run()
    {
        (MirrorNode a, MirrorNode b) = (_world.Nodes[0], _world.Nodes[1]);
        Look();
        a.Boot();
        b.Boot();
        StartFirst(a, b);
        _world.LossRate = _world.Options.LossRate;
        _world.Faults.Start();
        _world.RunFor(_world.Options.ChaosNs);
        _world.Faults.Stop();
        _world.Log("faults stop");
        StartAll();
        _world.RunFor(CalmNs);
        if (!IsTogether())
            Remedy();
        if (!IsTogether())
            throw _world.Violation("liveness", $"the nodes do not come together: {Describe(a)}; {Describe(b)}");
        CheckServes();
    }

    /// <summary>Both wait for an administrator, for nobody's data is known to be good; then one is told to lead.</summary>
    private void StartFirst(MirrorNode a, MirrorNode b)
    {
        a.Order(new MirrorEvent.Start());
        b.Order(new MirrorEvent.Start());
        _world.RunFor(5 * MirrorWorld.Second);
        foreach (MirrorNode node in _world.Nodes)
        {
            if (node.State is not { State: MirrorState.Wait, Status: ModuleStatus.NotReady } || !node.State.Remedy.Contains("safekit prim", StringComparison.Ordinal))
                throw _world.Violation("first start", Describe(node));
        }

        a.Order(new MirrorEvent.Prim());
        _world.RunFor(8 * MirrorWorld.Second);
        if (!IsTogether() && _world.Options.DefaultPrim == "alone")
            throw _world.Violation("liveness", $"the first start does not end: {Describe(a)}; {Describe(b)}");
    }

    private void StartAll()
    {
        foreach (MirrorNode node in _world.Nodes)
            node.Order(new MirrorEvent.Start());
        _world.RunFor(MirrorWorld.Second);
        foreach (MirrorNode node in _world.Nodes)
            node.Order(new MirrorEvent.Start());
    }

    /// <summary>What the nodes say that an administrator shall type, is typed; the better data is kept.</summary>
    private void Remedy()
    {
        NeededAdministrator = true;
        MirrorNode? leader = Array.Find(_world.Nodes, node => node.Leads);
        if (leader is null)
        {
            MirrorNode best = _world.Nodes.OrderByDescending(node => node.Data.Record.Standing == Mirror.Generations.DataStanding.Inconsistent ? -1 : node.Data.Writes.Count).First();
            if (best.State.Status != ModuleStatus.NotReady || best.State.Remedy.Length == 0)
                throw _world.Violation("liveness", $"nobody leads, and {best.Name} does not say what to type: {Describe(best)}; {Describe(_world.Other(best))}");
            _world.Checks.Split("an administrator chooses");
            best.Order(new MirrorEvent.Prim());
            _world.RunFor(10 * MirrorWorld.Second);
            leader = best;
        }

        MirrorNode other = _world.Other(leader);
        if (other.State is { State: MirrorState.Wait, Status: ModuleStatus.NotReady })
        {
            if (!other.State.Remedy.Contains("second", StringComparison.Ordinal))
                throw _world.Violation("liveness", $"{leader.Name} leads, and {other.Name} does not say what to type: {Describe(other)}");
            _world.Checks.Split("an administrator gives changes up");
            other.Order(new MirrorEvent.Second(Full: true));
        }

        _world.RunFor(20 * MirrorWorld.Second);
    }

    private bool IsTogether() => Array.Exists(_world.Nodes, node =>
        node.State is { State: MirrorState.Prim, Status: ModuleStatus.Ready }
        && _world.Other(node).State is { State: MirrorState.Second, Status: ModuleStatus.Ready });

    /// <summary>The primary's application goes on, and its address answers.</summary>
    private void CheckServes()
    {
        MirrorNode primary = _world.Nodes.First(node => node.State.State == MirrorState.Prim);
        int writes = primary.Data.Writes.Count;
        _world.RunFor(3 * MirrorWorld.Second);
        if (primary.State.State != MirrorState.Prim)
            return;
        if (primary.Data.Writes.Count == writes)
            throw _world.Violation("liveness", $"the application on {primary.Name} does not go on");
        if (primary.LeaseEndNs < _world.NowNs)
            throw _world.Violation("liveness", $"{primary.Name} is primary and nobody answers for the address");
    }

    private void Look() => _world.At(LookEveryNs, () =>
    {
        _world.Checks.Look();
        Look();
    });

    private static string Describe(MirrorNode node) =>
        $"{node.Name} {node.State.State} {node.State.Status} {node.State.Rule} \"{node.State.Remedy}\" {node.Data.Record.Standing}, {node.Data.Writes.Count} writes";
}
