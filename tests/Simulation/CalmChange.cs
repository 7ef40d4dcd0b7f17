using SafeKit.Core;
using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>
/// F2 and F3 on a healthy network: one node crashes, or changes by plan (several: <see cref="CalmDrains"/>). Who is not
/// concerned keeps every bucket that its share allows, without a moment's interruption, and the table remembers who may still
/// hold connections.
/// </summary>
public sealed class CalmChange(Cluster cluster)
{
    private const long MsNs = 1_000_000;

    private readonly List<SimulatedNode> _watched = [];
    private View _before = null!;

    /// <summary>How long a bucket of the lost node had no acceptor, in ms; meaningful after a crash.</summary>
    public double OutageMs { get; private set; }

    public void Run()
    {
        // Stragglers and duplicates of the time of faults are still under way; on a healthy network they are not.
        if (cluster.Options.StragglerNsMax > 0)
            return;
        if (cluster.Nodes.Length > 2 && (cluster.Options.Churn || cluster.Random.Chance(0.3)))
        {
            new CalmDrains(cluster).Run();
            return;
        }

        SimulatedNode concerned = cluster.Nodes[cluster.Random.Range(0, cluster.Nodes.Length)];
        int kind = cluster.Random.Range(0, 4);
        _before = concerned.Active!;
        Watch(concerned);
        cluster.RunFor(cluster.Random.Range(0L, 100 * MsNs));
        if (kind == 3)
        {
            RunRestart(concerned);
        }
        else if (kind == 2)
        {
            RunPlanned(concerned);
        }
        else
        {
            RunCrash(concerned, kind == 0);
            cluster.OnCheck = null;
            RunReturn(concerned);
        }

        cluster.OnCheck = null;
    }

    /// <summary>Power off, or a kill of the process alone, whose filter goes on until its lease ends.</summary>
    public void RunCrash(SimulatedNode lost, bool powerOff)
    {
        if (cluster.Nodes.Length == 1)
            return;
        _before = lost.Active!;
        if (_watched.Count == 0)
            Watch(lost);
        long startNs = cluster.NowNs;
        bool interrupted = HasBuckets(lost);
        if (powerOff)
            lost.PowerOff();
        else
            lost.Kill();
        MembershipSettings settings = lost.Settings;
        long boundNs = settings.FenceNs + settings.PulseNs + (20 * MsNs) + (4 * cluster.Options.DelayNsMax);
        bool whole = cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null, 4 * boundNs);
        OutageMs = (cluster.NowNs - startNs) / (double)MsNs;
        if (!whole || (interrupted && cluster.NowNs - startNs > boundNs))
        {
            string missing = ConvergenceChecker.Missing(cluster) ?? $"took {OutageMs:F0} ms";
            throw cluster.Violation("F2", $"n{lost.Index} crashed, its share was not served within {boundNs / MsNs} ms: {missing}");
        }

        CheckMoves(cluster.Nodes.First(node => node.Core is not null).Active!);
    }

    /// <summary>The lost node comes back: it takes its share, and nobody else gains a bucket.</summary>
    private void RunReturn(SimulatedNode returning)
    {
        SimulatedNode[] others = [.. cluster.Nodes.Where(node => node != returning)];
        if (others.Length == 0)
            return;
        cluster.RunFor(2 * returning.Settings.LeaseNs);
        bool affinity = returning.Settings.Groups.Any(group => group.HasAffinity);
        if (affinity)
            MakeBusy();
        _before = others[0].Active!;
        returning.Start();
        if (affinity)
            CheckBusyStay(returning);
        long boundNs = (4 * returning.Settings.LeaseNs) + (affinity ? 10_000 * MsNs : 0);
        bool whole = cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null, boundNs);
        if (!whole)
            throw cluster.Violation("F2", $"n{returning.Index} returned and was not let in: {ConvergenceChecker.Missing(cluster)}");
        if (!affinity)
            CheckMoves(returning.Active!);
        ReadOnlySpan<byte> before = _before.Table.Owners;
        ReadOnlySpan<byte> after = returning.Active!.Table.Owners;
        for (int bucket = 0; bucket < after.Length; bucket++)
        {
            if (after[bucket] != before[bucket] && after[bucket] != returning.Index)
                throw cluster.Violation("F3", $"bucket {bucket} moved from n{before[bucket]} to n{after[bucket]} when n{returning.Index} returned");
        }
    }

    /// <summary>
    /// F5: a daemon that is back in time is not noticed: nobody, not even its own node, loses a bucket, and no view moves any. That former
    /// holders are forgotten meanwhile, which makes a view, has nothing to do with it.
    /// </summary>
    private void RunRestart(SimulatedNode restarted)
    {
        View before = restarted.Active!;
        ulong[] mine = restarted.Filter.Mine.ToArray();
        Action? others = cluster.OnCheck;
        cluster.OnCheck = () =>
        {
            others?.Invoke();
            CheckKept(restarted, mine);
            foreach (SimulatedNode node in cluster.Nodes)
            {
                View now = node.Promised!;
                if (!now.Members.SequenceEqual(before.Members) || !now.Table.Owners.SequenceEqual(before.Table.Owners))
                    throw cluster.Violation("F5", $"n{node.Index} noticed the restart of n{restarted.Index}: {before} became {now}");
            }
        };
        int marginMs = (int)(2 * cluster.Options.DelayNsMax / MsNs) + 1;
        restarted.Kill();
        cluster.RunFor(cluster.Random.Range(1L, Math.Max(2, restarted.Settings.AbsenceMsMax - marginMs)) * MsNs);
        restarted.StartAgain();
        cluster.RunFor(2 * restarted.Settings.LeaseNs);
        if (restarted.Core!.Snapshot(restarted.LocalNs).Active is null)
            throw cluster.Violation("F5", $"n{restarted.Index} does not act after its restart");
    }

    /// <summary>One bucket in sixteen has an active client, and the owners have said so.</summary>
    private void MakeBusy()
    {
        for (int i = 0; i < cluster.Traffic.Busy.Length; i += 2)
            cluster.Traffic.Busy[i] = (byte)(1 << cluster.Random.Range(0, 8));
        cluster.RunFor(2_500 * MsNs);
    }

    /// <summary>Whoever is active keeps its node over the return; whoever falls silent follows the share.</summary>
    private void CheckBusyStay(SimulatedNode returning)
    {
        cluster.RunFor(4_000 * MsNs);
        ReadOnlySpan<byte> before = _before.Table.Owners;
        ReadOnlySpan<byte> after = returning.Active!.Table.Owners;
        for (int bucket = 0; bucket < after.Length; bucket++)
        {
            bool busy = (cluster.Traffic.Busy[bucket >> 3] >> (bucket & 7) & 1) != 0
                && returning.Settings.Groups[bucket / Limits.BucketsPerGroup].HasAffinity;
            if (busy && before[bucket] != BucketTable.Nobody && after[bucket] != before[bucket])
                throw cluster.Violation(
                    "affinity", $"bucket {bucket} moved from n{before[bucket]} to n{after[bucket]} although its client was active");
        }

        cluster.Traffic.Busy.AsSpan().Clear();
    }

    private void RunPlanned(SimulatedNode concerned)
    {
        concerned.Order(core => core.SetServing(false, concerned.LocalNs, concerned));
        View before = _before;
        bool whole = cluster.RunUntilTrue(
            () => ConvergenceChecker.Missing(cluster) is null && concerned.Active!.Id > before.Id, 500 * MsNs);
        if (!whole)
            throw cluster.Violation("F2", $"a planned move took more than 500 ms: {ConvergenceChecker.Missing(cluster)}");
        CheckMoves(concerned.Active!);
    }

    private static bool HasBuckets(SimulatedNode node) => node.Filter.Mine.ContainsAnyExcept(0UL);

    private void Watch(SimulatedNode concerned)
    {
        _watched.AddRange(cluster.Nodes.Where(node => node != concerned));
        ulong[][] kept = [.. _watched.Select(node => node.Filter.Mine.ToArray())];
        cluster.OnCheck = () =>
        {
            for (int i = 0; i < _watched.Count; i++)
                CheckKept(_watched[i], kept[i]);
        };
    }

    /// <summary>When one node goes, everybody else's share can only grow: whatever it had it must keep, at every instant.</summary>
    private void CheckKept(SimulatedNode node, ulong[] kept)
    {
        if (!node.Accepts)
            throw cluster.Violation("F3", $"n{node.Index} is interrupted by a change that does not concern it");
        for (int word = 0; word < kept.Length; word++)
        {
            if ((kept[word] & ~node.Filter.Mine[word]) != 0)
                throw cluster.Violation("F3", $"n{node.Index} lost a bucket of word {word} though its share grew");
        }
    }

    /// <summary>Every bucket that moved from a member that is still there remembers it, at both ends.</summary>
    private void CheckMoves(View after)
    {
        for (int bucket = 0; bucket < after.Table.Owners.Length; bucket++)
        {
            byte from = _before.Table.Owners[bucket];
            byte to = after.Table.Owners[bucket];
            if (from == to || from == BucketTable.Nobody || to == BucketTable.Nobody || !after.Contains(new NodeId(from)))
                continue;
            bool held = ((RowFlags)cluster.Nodes[to].Filter.Rows[bucket]).HasFlag(RowFlags.Mine | RowFlags.HoldResets);
            bool mayHold = ((RowFlags)cluster.Nodes[from].Filter.Rows[bucket]).HasFlag(RowFlags.MayHoldConnections);
            if (!held || !mayHold)
                throw cluster.Violation("F3", $"bucket {bucket} moved from n{from} to n{to}, which forgets n{from}'s connections");
        }
    }
}
