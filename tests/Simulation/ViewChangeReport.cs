using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>
/// What the change of a view costs in a large farm, simulated without loss: virtual time, bytes of tables, and the real processor time
/// of each node for everything that its core did meanwhile (decision, encoding, decoding, rows, what is remembered, heartbeats).
/// </summary>
/// <param name="SwitchMs">
/// From the decision until the filters of all members are switched. After a crash without the time in which the leader waits for the end of the
/// lost node's lease: until all have released, and again from the activation on.
/// </param>
/// <param name="TableKib">The largest number of bytes of tables that a member of the former view was sent.</param>
/// <param name="NewcomerTableKib">What a node that was let in was sent; 0 if there is none.</param>
/// <param name="LeaderMs">Processor time of the leader.</param>
/// <param name="MemberMs">Processor time of the other nodes, the median.</param>
public sealed record ViewChangeReport(
    string Change, int Nodes, int Groups, double SwitchMs, double TableKib, double NewcomerTableKib, double LeaderMs, double MemberMs)
{
    private const long MsNs = 1_000_000;

    public static IEnumerable<ViewChangeReport> MeasureAll(int nodes, int groups)
    {
        var cluster = new Cluster(new SimulationOptions
        {
            Seed = 1,
            Nodes = nodes,
            Groups = SimulationOptions.GroupsOfOwnTables(groups, nodes),
            ChecksInvariants = false,
        });
        foreach (SimulatedNode node in cluster.Nodes)
            cluster.At(cluster.Random.Range(0L, 50 * MsNs), node.Start);
        Settle(cluster);
        SimulatedNode lost = cluster.Nodes[nodes / 2];
        yield return Measure(cluster, "crash", lost, lost.PowerOff);
        Settle(cluster);
        yield return Measure(cluster, "join", lost, lost.Start);
        Settle(cluster);
        yield return Measure(cluster, "drain", lost, () => lost.Order(core => core.SetServing(false, lost.LocalNs, lost)));
    }

    /// <summary>The farm is whole, and no view follows by itself any more.</summary>
    private static void Settle(Cluster cluster)
    {
        cluster.RunFor(100 * MsNs);
        if (!cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null, 60_000 * MsNs, 50 * MsNs))
            throw cluster.Violation("F2", ConvergenceChecker.Missing(cluster)!);
        ViewId settled;
        do
        {
            settled = cluster.Nodes[0].Promised!.Id;
            cluster.RunFor(1_000 * MsNs);
        }
        while (cluster.Nodes[0].Promised!.Id != settled);
    }

    private static ViewChangeReport Measure(Cluster cluster, string change, SimulatedNode concerned, Action begin)
    {
        var watch = new ViewChangeWatch(cluster);
        Array.ForEach(cluster.Nodes, node => node.Processor.Reset());
        cluster.TableBytes.AsSpan().Clear();
        begin();
        if (!cluster.RunUntilTrue(() => watch.IsOver, 5_000 * MsNs))
            throw cluster.Violation("F2", $"the view after the {change} did not become active");
        bool joins = change == "join";
        long[] toMembers = [.. cluster.TableBytes.Where((_, node) => !joins || node != concerned.Index)];
        double[] spent = [.. cluster.Nodes.Where(node => node.Index != 0 && node != concerned).Select(node => node.Processor.Elapsed.TotalMilliseconds).Order()];
        return new ViewChangeReport(
            change,
            cluster.Nodes.Length,
            cluster.Nodes[0].Settings.Groups.Count,
            watch.SwitchNs / (double)MsNs,
            toMembers.Max() / 1024.0,
            joins ? cluster.TableBytes[concerned.Index] / 1024.0 : 0,
            cluster.Nodes[0].Processor.Elapsed.TotalMilliseconds,
            spent[spent.Length / 2]);
    }
}
