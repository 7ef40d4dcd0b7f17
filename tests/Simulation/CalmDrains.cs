using SafeKit.Core;
using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>
/// F3 on a healthy network, with connections that outlive everything: several nodes are drained at about the same time, then more, so that
/// buckets have several former holders, then one that serves crashes. Every table names every holder, whoever still serves keeps what it
/// has, and clients of the crashed node hear of it although others still have connections in their buckets.
/// </summary>
internal sealed class CalmDrains(Cluster cluster)
{
    private const long MsNs = 1_000_000;
    private const long OpeningNs = 600 * MsNs;
    private readonly View?[] _acted = new View?[cluster.Nodes.Length];

    public void Run()
    {
        cluster.Traffic.Lasting = true;
        cluster.Traffic.EndCookies();
        cluster.OnCheck = CheckListed;
        cluster.RunFor(OpeningNs);
        List<SimulatedNode> serving = [.. cluster.Nodes];
        while (serving.Count > 2)
        {
            Drain(serving);
            cluster.RunFor(OpeningNs);
        }

        SimulatedNode lost = serving[cluster.Random.Range(0, serving.Count)];
        Crash(lost);
        lost.Start();
        foreach (SimulatedNode node in cluster.Nodes)
            cluster.At(cluster.NowNs + cluster.Random.Range(0L, 400 * MsNs), () => node.Order(core => core.SetServing(true, node.LocalNs, node)));
        cluster.RunFor(2_000 * MsNs);
        cluster.OnCheck = null;
    }

    /// <summary>Some of those that serve, two at least staying.</summary>
    private void Drain(List<SimulatedNode> serving)
    {
        int count = cluster.Random.Range(1, serving.Count - 1);
        for (int i = 0; i < count; i++)
        {
            SimulatedNode node = serving[cluster.Random.Range(0, serving.Count)];
            serving.Remove(node);
            cluster.At(cluster.NowNs + cluster.Random.Range(0L, 150 * MsNs), () => node.Order(core => core.SetServing(false, node.LocalNs, node)));
        }

        ulong[][] kept = [.. serving.Select(node => node.Filter.Mine.ToArray())];
        cluster.OnCheck = () =>
        {
            CheckListed();
            for (int i = 0; i < serving.Count; i++)
                CheckKept(serving[i], kept[i]);
        };
        long boundNs = 1_000 * MsNs;
        cluster.RunFor(160 * MsNs);
        if (!cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null, boundNs))
            throw cluster.Violation("F2", $"drains took more than {boundNs / MsNs} ms: {ConvergenceChecker.Missing(cluster)}");
        cluster.OnCheck = CheckListed;
    }

    /// <summary>Rule orphan: who is fenced holds nothing back any more, and all others deny its connections.</summary>
    private void Crash(SimulatedNode lost)
    {
        lost.PowerOff();
        long boundNs = lost.Settings.FenceNs + (cluster.Options.SettleMs + 1_500) * MsNs;
        cluster.RunFor(lost.Settings.FenceNs);
        if (!cluster.RunUntilTrue(() => cluster.Traffic.Abandoned is null, boundNs, 10 * MsNs))
            throw cluster.Violation("orphan", $"a connection of bucket {cluster.Traffic.Abandoned!.Bucket} that n{lost.Index} had gets no reset");
    }

    private void CheckKept(SimulatedNode node, ulong[] kept)
    {
        for (int word = 0; word < kept.Length; word++)
        {
            if (!node.Accepts || (kept[word] & ~node.Filter.Mine[word]) != 0)
                throw cluster.Violation("F3", $"n{node.Index} lost a bucket of word {word} although others were drained");
        }
    }

    /// <summary>
    /// Whoever a table named for a bucket, as owner or former holder, and who has not released it, is named by the next one. That a node
    /// says so by itself when it is not (rule unlisted) makes every owner hold back the resets of all buckets: no way to live.
    /// </summary>
    private void CheckListed()
    {
        foreach (SimulatedNode node in cluster.Nodes)
        {
            View? before = _acted[node.Index];
            View? now = node.Core is null ? null : node.Active;
            if (before == now)
                continue;
            _acted[node.Index] = now;
            if (before is not null && now is not null)
                CheckListed(node.Index, node.Filter.Rows, before.Table, now);
        }
    }

    private void CheckListed(int node, ReadOnlySpan<byte> rows, BucketTable before, View now)
    {
        UInt128 bit = UInt128.One << node;
        for (int i = 0; i < rows.Length; i++)
        {
            bool named = before.Owners[i] == node || (before.Formers[i] & bit) != UInt128.Zero;
            if (named && rows[i] == (byte)RowFlags.MayHoldConnections && (now.Table.Formers[i] & bit) == UInt128.Zero)
                throw cluster.Violation("F3", $"the table of {now} forgets that n{node} may hold connections of bucket {i}");
        }
    }
}
