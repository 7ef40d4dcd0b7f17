using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>What must hold between the parts of <c>cluster.xml</c>.</summary>
internal static class ClusterRules
{
    public static void Check(ClusterConfiguration cluster, SourcePlace place, FindingList findings)
    {
        CheckNames(cluster, findings);
        CheckCounts(cluster, place, findings);
        foreach (var lan in cluster.Lans)
            CheckLan(lan, findings);
        CheckCommandLan(cluster, place, findings);
    }

    private static void CheckCounts(ClusterConfiguration cluster, SourcePlace place, FindingList findings)
    {
        if (cluster.Nodes.Count < 2 && !findings.HasErrors)
            findings.Error(
                place,
                "a cluster needs at least two nodes",
                "add <node name=\"...\" addr=\"...\"/> for each server");
        if (cluster.Nodes.Count > Limits.NodesMax)
            findings.Error(
                place,
                $"a cluster has at most {Limits.NodesMax} nodes, here are {cluster.Nodes.Count}",
                "remove nodes");
        if (cluster.Lans.Count > Limits.LansMax)
            findings.Error(
                place,
                $"a cluster has at most {Limits.LansMax} lans, here are {cluster.Lans.Count}",
                "remove lans");
    }

    private static void CheckNames(ClusterConfiguration cluster, FindingList findings)
    {
        var names = new HashSet<string>();
        foreach (var lan in cluster.Lans)
        {
            if (lan.Name.Length > 0 && !names.Add(lan.Name))
                findings.Error(lan.Place, $"two lans have the name {lan.Name}", "give each lan its own name");
        }
    }

    private static void CheckLan(ClusterLan lan, FindingList findings)
    {
        var names = new HashSet<string>();
        var addresses = new Dictionary<System.Net.IPAddress, string>();
        foreach (var node in lan.Nodes)
        {
            if (!names.Add(node.Name))
                findings.Error(
                    node.Place,
                    $"node {node.Name} appears twice on lan {lan.Name}",
                    "a node has one address per lan");
            else if (!addresses.TryAdd(node.Address, node.Name))
                findings.Error(
                    node.Place,
                    $"{node.Addr} is the address of {addresses[node.Address]} and of {node.Name}",
                    "give each node its own address");
            if (System.Net.IPAddress.IsLoopback(node.Address))
                findings.Warning(
                    node.Place,
                    $"{node.Addr} is a loopback address: other servers cannot reach it",
                    "write the address of the network card");
        }
    }

    private static void CheckCommandLan(ClusterConfiguration cluster, SourcePlace place, FindingList findings)
    {
        if (findings.HasErrors || cluster.Lans.Count == 0)
            return;
        var commands = cluster.Lans.Where(lan => lan.Command).ToArray();
        if (commands.Length > 1)
            findings.Error(commands[1].Place, "more than one lan has command=\"on\"", "keep it on one lan");
        var command = cluster.CommandLan;
        var missing = cluster.Nodes.FirstOrDefault(name => command.Node(name) is null);
        if (missing is null)
            return;
        if (commands.Length > 0)
            findings.Error(
                command.Place,
                $"lan {command.Name} carries commands and lacks node {missing}",
                "choose a lan that holds all nodes");
        else if (cluster.Lans.All(lan => cluster.Nodes.Any(name => lan.Node(name) is null)))
            findings.Error(place, "no lan holds all nodes", "add the missing nodes to one of the lans");
        else
            findings.Error(
                command.Place,
                $"the first lan carries commands and lacks node {missing}",
                "put command=\"on\" on a lan that holds all nodes");
    }
}
