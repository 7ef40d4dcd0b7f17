using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>Simulated, loss-free, default settings: how long agreement takes and what it costs.</summary>
public sealed record ConvergenceReport(
    int Nodes, double StartMs, double CrashOutageMs, double LeaderCrashOutageMs, double BytesPerSecondPerNode)
{
    private const long MsNs = 1_000_000;

    public override string ToString() =>
        $"{Nodes,4} nodes: whole after start {StartMs,6:F0} ms, share of a crashed node served again after "
        + $"{CrashOutageMs,4:F0} ms (leader {LeaderCrashOutageMs,4:F0} ms), "
        + $"{BytesPerSecondPerNode / 1000,8:F1} kB/s sent by each node";

    public static IEnumerable<ConvergenceReport> MeasureAll()
    {
        foreach (int nodes in (int[])[3, 5, 8, 16, 32, 64, 128])
            yield return Measure(nodes, 1);
    }

    public static ConvergenceReport Measure(int nodes, ulong seed)
    {
        var cluster = new Cluster(new SimulationOptions { Seed = seed, Nodes = nodes });
        foreach (SimulatedNode node in cluster.Nodes)
            cluster.At(cluster.Random.Range(0L, 50 * MsNs), node.Start);
        double startMs = AwaitWhole(cluster, $"{nodes} nodes start");

        long bytes = cluster.BytesSent;
        long fromNs = cluster.NowNs;
        cluster.RunFor(1000 * MsNs);
        double bytesPerSecond = (cluster.BytesSent - bytes) / ((cluster.NowNs - fromNs) / 1e9) / nodes;

        cluster.Nodes[^1].PowerOff();
        double crashMs = AwaitWhole(cluster, "a follower crashes");
        cluster.RunFor(500 * MsNs);
        cluster.Nodes[0].PowerOff();
        double leaderMs = AwaitWhole(cluster, "the leader crashes");
        return new ConvergenceReport(nodes, startMs, crashMs, leaderMs, bytesPerSecond);
    }

    private static double AwaitWhole(Cluster cluster, string what)
    {
        long fromNs = cluster.NowNs;
        if (!cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null && cluster.NowNs > fromNs + (60 * MsNs), 20_000 * MsNs))
            throw cluster.Violation("F2", $"{what}: {ConvergenceChecker.Missing(cluster)}");
        return (cluster.NowNs - fromNs) / (double)MsNs;
    }
}
