using SafeKit.Core;

namespace SafeKit.Simulation;

/// <summary>Clients that open connections where a filter takes them, and what the daemon of each node counts of them.</summary>
public sealed class ConnectionTraffic
{
    private const long MsNs = 1_000_000;
    private readonly Cluster _cluster;
    private bool _ended;

    public ConnectionTraffic(Cluster cluster)
    {
        _cluster = cluster;
        Busy = new byte[cluster.Nodes[0].Filter.Rows.Length / 8];
        ScheduleOpening();
        foreach (SimulatedNode node in cluster.Nodes)
            ScheduleCount(node);
    }

    /// <summary>Buckets whose clients are active, wherever they are served.</summary>
    public byte[] Busy { get; }

    /// <summary>No client opens anything any more, and all close what they have.</summary>
    public void End()
    {
        _ended = true;
        foreach (SimulatedNode node in _cluster.Nodes)
            node.Connections.Clear();
    }

    private void ScheduleOpening() => _cluster.At(_cluster.NowNs + _cluster.Random.Range(5 * MsNs, 40 * MsNs), () =>
    {
        if (_ended)
            return;
        Open(_cluster.Random.Range(0, _cluster.Nodes[0].Filter.Rows.Length));
        ScheduleOpening();
    });

    private void Open(int bucket)
    {
        // In a partition a client reaches one side: the first that takes the packet stands for it.
        SimulatedNode? taker = Array.Find(
            _cluster.Nodes, node => node.Accepts && ((RowFlags)node.Filter.Rows[bucket]).HasFlag(RowFlags.Mine));
        if (taker is null)
            return;
        long settleNs = MonotonicClock.FromMs(taker.Settings.SettleMs);
        taker.Connections.Add(new SimulatedConnection(
            bucket,
            _cluster.NowNs + _cluster.Random.Range(0L, settleNs * 4 / 5),
            _cluster.NowNs + settleNs + _cluster.Random.Range(0L, 3_000 * MsNs)));
    }

    private void ScheduleCount(SimulatedNode node) => _cluster.At(_cluster.NowNs + _cluster.Random.Range(50 * MsNs, 150 * MsNs), () =>
    {
        byte[] holding = node.CountConnections();
        long countedNs = node.LocalNs;
        byte[] busy = [.. Busy];
        Membership.MembershipCore? counting = node.Core;
        // A count takes its time, and what it says may be overtaken by a view. It ends with its process.
        _cluster.At(_cluster.NowNs + _cluster.Random.Range(0L, 30 * MsNs), () =>
        {
            if (node.Core == counting)
                node.Order(core => core.ReportConnections(holding, busy, countedNs, node.LocalNs, node));
        });
        ScheduleCount(node);
    });
}
