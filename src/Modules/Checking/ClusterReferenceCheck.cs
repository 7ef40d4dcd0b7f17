using System.Net;

namespace SafeKit.Modules;

/// <summary>
/// Names in a module's configuration that must exist in <c>cluster.xml</c>, and addresses that must not.
/// </summary>
internal static class ClusterReferenceCheck
{
    public static void Check(UserConfiguration configuration, ClusterConfiguration cluster, FindingList findings)
    {
        foreach (var lan in configuration.Farm?.LanElements ?? [])
            CheckLan(lan, cluster, findings);
        CheckFarmNodes(configuration, cluster, findings);
        MirrorClusterCheck.Check(configuration, cluster, findings);
        var hosts = configuration.Vip?.LoadBalancingGroups.SelectMany(group => group.Hosts ?? []) ?? [];
        foreach (var host in hosts.Where(host => cluster.NodeByName(host.Name) is null))
            findings.Error(
                host.Place,
                $"host {host.Name} is no node of cluster.xml",
                SchemaWalk.Suggest(host.Name, cluster.Nodes, "nodes"));
        foreach (var address in configuration.Vip?.VirtualAddresses ?? [])
            CheckAddress(address, cluster, findings);
    }

    private static void CheckLan(FarmLan lan, ClusterConfiguration cluster, FindingList findings)
    {
        if (FarmConfiguration.FindLan(lan, cluster) is not null)
            return;
        if (lan.Name.Length > 0)
            findings.Error(
                lan.Place,
                $"lan {lan.Name} is not in cluster.xml",
                SchemaWalk.Suggest(lan.Name, cluster.Lans.Select(known => known.Name), "lans"));
        else
            findings.Error(
                lan.Place,
                "no lan of cluster.xml has these nodes and addresses",
                "write <lan name=\"...\"/> with a lan of cluster.xml");
    }

    /// <summary>A node that the farm's lans leave out would never hear of the others.</summary>
    private static void CheckFarmNodes(UserConfiguration configuration, ClusterConfiguration cluster, FindingList findings)
    {
        if (configuration.Farm is not { } farm)
            return;
        var names = farm.LanNames(cluster);
        var outside = cluster.Nodes.Where(node => !names.Any(name => cluster.Lan(name)?.Node(node) is not null)).ToArray();
        if (names.Count > 0 && outside.Length > 0)
            findings.Note(
                farm.Place,
                $"no lan of this farm reaches {string.Join(", ", outside)}",
                "the module cannot run there");
    }

    private static void CheckAddress(VirtualAddress address, ClusterConfiguration cluster, FindingList findings)
    {
        var owner = cluster.Lans.SelectMany(lan => lan.Nodes)
            .FirstOrDefault(node => Same(node.Address, address.Address) || Same(node.LocalAddress, address.Address));
        if (owner is not null)
            findings.Error(
                address.Place,
                $"virtual address {address.Address} is in use: it is the address of node {owner.Name}",
                "choose a free address of the same network");
    }

    private static bool Same(IPAddress? a, IPAddress b) => b.Equals(a);
}
