namespace SafeKit.Modules;

/// <summary>The lans of a mirror, and the two nodes on them.</summary>
internal static class MirrorClusterCheck
{
    private const int NodesOfMirror = 2;

    public static void Check(UserConfiguration configuration, ClusterConfiguration cluster, FindingList findings)
    {
        if (configuration.Heart is not { } heart || configuration.Service.Mode != ServiceMode.Mirror)
            return;
        foreach (var heartbeat in heart.Heartbeats.Where(item => item.Name.Length > 0 && cluster.Lan(item.Name) is null))
            findings.Error(heartbeat.Place, $"lan {heartbeat.Name} is not in cluster.xml", Suggest(heartbeat.Name, cluster));
        if (configuration.Replication is { FlowLan: { } flow } rfs && heart.Heartbeats.All(item => item.Name != flow))
            findings.Error(rfs.Place, $"the replication's lan {flow} has no heartbeat", $"add <heartbeat name=\"{flow}\" ident=\"flow\"/>");
        CheckNodes(heart, cluster, findings);
        var defaultPrim = configuration.Service.DefaultPrim;
        if (defaultPrim is not ("alone" or "lastprim") && cluster.NodeByName(defaultPrim) is null)
            findings.Error(
                configuration.Service.Place,
                $"defaultprim=\"{defaultPrim}\" is no node of cluster.xml",
                SchemaWalk.Suggest(defaultPrim, ["alone", "lastprim", .. cluster.Nodes], "values"));
    }

    private static void CheckNodes(HeartConfiguration heart, ClusterConfiguration cluster, FindingList findings)
    {
        ClusterLan[] lans = [.. heart.Heartbeats.Select(item => cluster.Lan(item.Name)).OfType<ClusterLan>()];
        string[] nodes = [.. lans.SelectMany(lan => lan.Nodes).Select(node => node.Name).Distinct()];
        if (lans.Length == 0)
            return;
        if (nodes.Length != NodesOfMirror)
        {
            findings.Error(
                heart.Place,
                $"a mirror runs on exactly two nodes; the lans of its heartbeats hold {nodes.Length}: {string.Join(", ", nodes)}",
                "add a lan to cluster.xml that holds the two nodes of this module, and name it in <heartbeat>");
            return;
        }

        foreach (var lan in lans.Where(lan => nodes.Any(node => lan.Node(node) is null)))
            findings.Error(
                heart.Heartbeats.First(item => item.Name == lan.Name).Place,
                $"lan {lan.Name} holds only one of the two nodes {string.Join(" and ", nodes)}",
                "name a lan that holds both");
    }

    private static string Suggest(string name, ClusterConfiguration cluster) =>
        SchemaWalk.Suggest(name, cluster.Lans.Select(known => known.Name), "lans");
}
