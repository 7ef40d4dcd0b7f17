using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>The invariants of a mirror (M1 to M4 and the lease of the address), asked whenever something they speak of happens.</summary>
internal sealed class MirrorChecks(MirrorWorld world)
{
    /// <summary>Two nodes that hear each other may both be primary for so long: to notice, and to end the scripts that run.</summary>
    private const long BothLeadNsMax = 6 * MirrorWorld.Second;

    /// <summary>What the application was told is safe.</summary>
    private readonly HashSet<long> _acknowledged = [];
    private long? _bothLeadSinceNs;

    /// <summary>
    /// Each node could rightly believe the other dead, or an administrator has overruled what was known: what was acknowledged since may be given up, and counts again
    /// from the next time that both are together.
    /// </summary>
    public bool IsSplit { get; private set; }

    public void Split(string why)
    {
        if (IsSplit)
            return;
        world.Log($"split: {why}");
        IsSplit = true;
        _acknowledged.Clear();
    }

    public void OnAcknowledged(MirrorNode node, long write)
    {
        if (IsSplit)
            return;
        _acknowledged.Add(write);
        if (node.Data.Writes.Count == 0)
            throw world.Violation("M1", $"{node.Name} has acknowledged write {write} and has none");
    }

    public void OnLead(MirrorNode node, bool isForced)
    {
        if (isForced)
            _acknowledged.IntersectWith(node.Data.Writes);
        if (isForced && world.Other(node).IsAlive && world.Other(node).State.State is MirrorState.Alone or MirrorState.Prim or MirrorState.Second)
            Split("prim by force beside a running module");
        CheckNothingLost(node, "leads");
    }

    /// <summary>A secondary has applied everything up to the end of its reintegration.</summary>
    /// <param name="writes">Of the primary, when it ended the reintegration.</param>
    /// <param name="cells">What it had in place then.</param>
    public void OnPaired(MirrorNode leader, MirrorNode follower, long[] writes, long[] cells)
    {
        if (!follower.Data.Cells.SequenceEqual(cells))
            throw world.Violation(
                "M3", $"{follower.Name} has {string.Join(' ', follower.Data.Cells)} after its reintegration, {leader.Name} {string.Join(' ', cells)}");
        if (!follower.Data.Writes.SequenceEqual(writes))
            throw world.Violation(
                "M3", $"{follower.Name} has {follower.Data.Writes.Count} writes after its reintegration, not the {writes.Length} of {leader.Name}");
        if (IsSplit && !world.IsAnyCut)
        {
            world.Log("together again");
            IsSplit = false;
        }
    }

    public void OnLease(MirrorNode node)
    {
        MirrorNode other = world.Other(node);
        if (!IsSplit && other.LeaseEndNs > world.NowNs)
            throw world.Violation("M4", $"{node.Name} answers for the virtual address while {other.Name} still may, for {(other.LeaseEndNs - world.NowNs) / 1e6:F0} ms");
    }

    public void Look()
    {
        MirrorNode[] nodes = world.Nodes;
        bool bothLead = !world.IsAnyCut && Array.TrueForAll(nodes, node => node.Leads && !node.IsPaused);
        if (!bothLead)
            _bothLeadSinceNs = null;
        else
            _bothLeadSinceNs ??= world.NowNs;
        if (_bothLeadSinceNs is { } sinceNs && world.NowNs - sinceNs > BothLeadNsMax)
            throw world.Violation("M4", "both nodes hear each other and both are primary");
    }

    private void CheckNothingLost(MirrorNode node, string what)
    {
        if (IsSplit)
            return;
        HashSet<long> writes = [.. node.Data.Writes];
        if (!_acknowledged.IsSubsetOf(writes))
            throw world.Violation("M1", $"{node.Name} {what} without {_acknowledged.Except(writes).Count()} acknowledged writes, the first is {_acknowledged.Except(writes).Min()}");
    }
}
