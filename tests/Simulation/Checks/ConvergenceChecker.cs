using SafeKit.Core;
using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>F2: the nodes that run share one view, and every bucket is taken by exactly one of them, in exact shares.</summary>
public static class ConvergenceChecker
{
    /// <summary>Null if converged, otherwise what is missing.</summary>
    public static string? Missing(Cluster cluster)
    {
        SimulatedNode[] running = [.. cluster.Nodes.Where(node => node.Core is not null)];
        if (running.Length == 0)
            return null;
        View? view = running[0].Active;
        if (view is null || view.Members.Length != running.Length)
            return $"n{running[0].Index} acts on {view?.ToString() ?? "no view"} while {running.Length} nodes run";
        foreach (SimulatedNode node in running)
        {
            if (node.Active?.Id != view.Id || node.Promised?.Id != view.Id || !node.Accepts)
                return $"n{node.Index} acts on {node.Active?.ToString() ?? "no view"}, n{running[0].Index} on {view}";
            if (!view.Contains(node.Settings.Self, node.Core!.Incarnation))
                return $"n{node.Index} is not in {view} with its present life";
        }

        return MissingAcceptor(cluster) ?? UnevenShare(view, running[0].Settings);
    }

    /// <summary>A bucket that nobody, or more than one, takes.</summary>
    public static string? MissingAcceptor(Cluster cluster)
    {
        int words = cluster.Nodes[0].Filter.Mine.Length;
        int wordsPerGroup = Limits.BucketsPerGroup / 64;
        View? view = cluster.Nodes.FirstOrDefault(node => node.Core is not null)?.Active;
        for (int word = 0; word < words; word++)
        {
            ulong any = 0;
            ulong twice = 0;
            foreach (SimulatedNode node in cluster.Nodes)
            {
                if (!node.Accepts)
                    continue;
                twice |= any & node.Filter.Mine[word];
                any |= node.Filter.Mine[word];
            }

            bool expected = view is not null && view.Table.Owners[word * 64] != BucketTable.Nobody;
            if (twice != 0)
                return $"a bucket of word {word} is taken twice";
            if (any != (expected ? ulong.MaxValue : 0))
                return $"a bucket of group {word / wordsPerGroup} is taken by {(expected ? "nobody" : "a node without power")}";
        }

        return null;
    }

    private static string? UnevenShare(View view, MembershipSettings settings)
    {
        for (int group = 0; group < settings.Groups.Count; group++)
        {
            int[] powers = new int[settings.NodeCount];
            foreach (ViewMember member in view.Members)
                powers[member.Node.Index] = member.Serving ? settings.Groups[group].PowerByNode[member.Node.Index] : 0;
            long sum = powers.Sum(power => (long)power);
            for (byte node = 0; node < powers.Length; node++)
            {
                double exact = sum == 0 ? 0 : (double)Limits.BucketsPerGroup * powers[node] / sum;
                int count = view.Table.CountOf(group, new NodeId(node));
                if (Math.Abs(count - exact) >= 1 + 1e-9)
                    return $"n{node} has {count} buckets of group {group}, its share is {exact:F2}";
            }
        }

        return null;
    }
}
