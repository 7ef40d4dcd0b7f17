using SafeKit.Core;

namespace SafeKit.Simulation;

/// <summary>
/// F1 and F4, at every step: two filters that take the same bucket at the same instant are wrong at any time if the view on
/// which one of them acts contains the other, and wrong in the long run if the two could talk.
/// </summary>
public sealed class AcceptorChecker
{
    private readonly Cluster _cluster;
    private readonly long[,] _overlapSinceNs;

    public AcceptorChecker(Cluster cluster)
    {
        _cluster = cluster;
        int nodes = cluster.Options.Nodes;
        _overlapSinceNs = new long[nodes, nodes];
        for (int a = 0; a < nodes; a++)
        {
            for (int b = 0; b < nodes; b++)
                _overlapSinceNs[a, b] = long.MaxValue;
        }

        // Both must notice, agree, and wait for leases once or twice; lossy links may take several attempts.
        MergeBoundNs = 8 * cluster.Nodes[0].Settings.LeaseNs;
    }

    public long MergeBoundNs { get; }

    public void Check()
    {
        SimulatedNode[] nodes = _cluster.Nodes;
        for (int a = 0; a < nodes.Length; a++)
        {
            bool accepts = nodes[a].Accepts;
            for (int b = a + 1; b < nodes.Length; b++)
            {
                if (accepts && nodes[b].Accepts)
                    CheckPair(nodes[a], nodes[b]);
                else
                    _overlapSinceNs[a, b] = long.MaxValue;
            }
        }
    }

    private void CheckPair(SimulatedNode a, SimulatedNode b)
    {
        int bucket = FirstShared(a.Filter.Mine, b.Filter.Mine);
        if (bucket < 0)
        {
            _overlapSinceNs[a.Index, b.Index] = long.MaxValue;
            return;
        }

        if (ActsOnViewWith(a, b) || ActsOnViewWith(b, a))
            throw _cluster.Violation("F1", $"n{a.Index} (view {a.Active}) and n{b.Index} (view {b.Active}) both take bucket {bucket}");
        if (_overlapSinceNs[a.Index, b.Index] == long.MaxValue)
            _overlapSinceNs[a.Index, b.Index] = _cluster.NowNs;
        long sinceNs = Math.Max(_overlapSinceNs[a.Index, b.Index], _cluster.Network.ConnectedSinceNs(a.Index, b.Index));
        sinceNs = Math.Max(sinceNs, Math.Max(a.RunningSinceNs, b.RunningSinceNs));
        if (sinceNs != long.MaxValue && _cluster.NowNs - sinceNs > MergeBoundNs)
            throw _cluster.Violation("F1", $"n{a.Index} and n{b.Index} can talk, yet both take bucket {bucket} for {MergeBoundNs / 1e6:F0} ms");
    }

    private static bool ActsOnViewWith(SimulatedNode acting, SimulatedNode other)
    {
        var node = new NodeId((byte)other.Index);
        bool onActive = acting.LocalNs < acting.ActiveLeaseUntilNs;
        return (onActive && acting.Active is not null && acting.Active.Contains(node))
            || (acting.LeaseGround is not null && acting.LeaseGround.Contains(node));
    }

    private static int FirstShared(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        for (int word = 0; word < left.Length; word++)
        {
            ulong both = left[word] & right[word];
            if (both != 0)
                return (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(both);
        }

        return -1;
    }
}
