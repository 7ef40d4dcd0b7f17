using SafeKit.Core;

namespace SafeKit.Simulation;

/// <summary>
/// Clients that open connections where a filter takes them and go on sending, and what the daemon of each node counts of them. Most of them
/// share few buckets, so that several former holders of one have connections, and some outlive many moves.
/// </summary>
public sealed class ConnectionTraffic
{
    private const long MsNs = 1_000_000;
    private const int CrowdedBuckets = 24;
    private readonly Cluster _cluster;
    private readonly SimulationRandom _random;
    private readonly int[] _crowded;
    private readonly List<SimulatedConnection> _abandoned = [];
    private bool _quiet;
    private bool _ended;
    private bool _cookies;
    private bool _cookiesEnded;

    public ConnectionTraffic(Cluster cluster)
    {
        _cluster = cluster;
        // Its own draws: more clients do not make other faults.
        _random = new SimulationRandom(cluster.Options.Seed ^ 0xC11E47);
        Busy = new byte[cluster.Nodes[0].Filter.Rows.Length / 8];
        _crowded = [.. Enumerable.Range(0, CrowdedBuckets).Select(_ => _random.Range(0, cluster.Nodes[0].Filter.Rows.Length))];
        ScheduleOpening();
        ScheduleCookies();
        SchedulePackets();
        foreach (SimulatedNode node in cluster.Nodes)
        {
            ScheduleCount(node);
            new OrphanSearch(cluster, node, _random).Schedule();
        }
    }

    /// <summary>Buckets whose clients are active, wherever they are served.</summary>
    public byte[] Busy { get; }

    /// <summary>What is opened from now on stays until the end.</summary>
    public bool Lasting { get; set; }

    /// <summary>Connections of clients that have not noticed yet that their node has crashed, and that somebody must tell.</summary>
    public SimulatedConnection? Abandoned =>
        _abandoned.Find(connection => Array.Exists(_cluster.Nodes, node => Takes(node, connection.Bucket)));

    /// <summary>The node lost what it held; the clients send on.</summary>
    public void Abandon(SimulatedNode node)
    {
        _abandoned.AddRange(node.Connections);
        node.Connections.Clear();
    }

    /// <summary>No client opens anything any more; those who have a connection keep it.</summary>
    public void Quiet()
    {
        _quiet = true;
        EndCookies();
    }

    /// <summary>From now on a count finds every connection.</summary>
    public void EndCookies()
    {
        _cookiesEnded = true;
        _cookies = false;
    }

    /// <summary>Nor does any keep what it has.</summary>
    public void End()
    {
        Quiet();
        _ended = true;
        _abandoned.Clear();
        foreach (SimulatedNode node in _cluster.Nodes)
            node.Connections.Clear();
    }

    private static bool Takes(SimulatedNode node, int bucket) => node.Accepts && ((RowFlags)node.Filter.Rows[bucket]).HasFlag(RowFlags.Mine);

    private void Later(long fromMs, long toMs, Action action) => _cluster.At(_cluster.NowNs + _random.Range(fromMs * MsNs, toMs * MsNs), action);

    private void ScheduleOpening() => Later(_cluster.Options.Churn ? 2 : 5, _cluster.Options.Churn ? 12 : 30, () =>
    {
        if (_quiet)
            return;
        Open(_random.Chance(0.7) ? _random.Pick(_crowded) : _random.Range(0, _cluster.Nodes[0].Filter.Rows.Length));
        ScheduleOpening();
    });

    private void Open(int bucket)
    {
        // In a partition a client reaches one side: the first that takes the packet stands for it.
        SimulatedNode? taker = Array.Find(_cluster.Nodes, node => Takes(node, bucket));
        if (taker is null)
            return;
        long settleNs = MonotonicClock.FromMs(taker.Settings.SettleMs);
        long hiddenNs = _cookies ? _random.Range(0L, settleNs * 4 / 5) : 0;
        long lastsNs = Lasting ? long.MaxValue / 2
            : _random.Chance(0.7) ? _random.Range(0L, 1_000 * MsNs) : _random.Range(1_000 * MsNs, 6_000 * MsNs);
        taker.Connections.Add(new SimulatedConnection(bucket, _cluster.NowNs + hiddenNs, _cluster.NowNs + settleNs + lastsNs));
    }

    /// <summary>A flood makes the kernels send cookies for a while: then handshakes cannot be counted.</summary>
    private void ScheduleCookies() => Later(200, 1_000, () =>
    {
        if (_cookiesEnded)
            return;
        _cookies = !_cookies;
        ScheduleCookies();
    });

    /// <summary>Every client sends; who owns the bucket and has no such connection holds the packet back, or resets.</summary>
    private void SchedulePackets() => Later(20, 60, () =>
    {
        if (_ended)
            return;
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            if (!node.Accepts)
                continue;
            _abandoned.RemoveAll(node.Filter.Resets);
            foreach (SimulatedNode holder in _cluster.Nodes)
            {
                if (holder != node)
                    holder.Connections.ForEach(connection => node.Filter.Resets(connection));
            }
        }

        SchedulePackets();
    });

    private void ScheduleCount(SimulatedNode node) => Later(50, 150, () =>
    {
        byte[] holding = node.CountConnections();
        long countedNs = node.LocalNs;
        byte[] busy = [.. Busy];
        Membership.MembershipCore? counting = node.Core;
        // A count takes its time, and what it says may be overtaken by a view. It ends with its process.
        Later(0, 30, () =>
        {
            if (node.Core == counting)
                node.Order(core => core.ReportConnections(holding, busy, countedNs, node.LocalNs, node));
        });
        ScheduleCount(node);
    });
}
