using System.Net;
using SafeKit.Core;
using SafeKit.Membership;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>What the configuration means for the membership protocol.</summary>
public static class FarmOptions
{
    /// <summary>Stands in for the load-balancing groups of a farm without virtual address: who is there is still agreed.</summary>
    private const string GroupWithoutAddress = "farm";

    /// <param name="life">Number of the life that begins.</param>
    /// <exception cref="SafeKitException">A lan is unknown, or this node is on none.</exception>
    public static RunnerOptions From(ModuleContext context, UserConfiguration configuration, ulong life, Action<Exception> onFatal)
    {
        var cluster = context.Cluster.Configuration;
        var farm = FarmOf(configuration);
        return new RunnerOptions
        {
            Settings = Settings(context, configuration),
            Lans = Lans(context, farm.LanNames(cluster), farm.PortOf(context.Id)),
            ClusterKey = context.Cluster.Key,
            Module = context.Name,
            Incarnation = life,
            ServesAtStart = false,
            OnFatal = onFatal,
        };
    }

    /// <summary>What all nodes must agree on, and which of them this is.</summary>
    public static MembershipSettings Settings(ModuleContext context, UserConfiguration configuration)
    {
        var farm = FarmOf(configuration);
        var nodes = context.Cluster.Configuration.Nodes;
        var groups = configuration.Vip?.LoadBalancingGroups
            .Select(g => new GroupSettings(g.Name, [.. nodes.Select(g.PowerOf)], g.AffinityTimeout is not null))
            .ToList() ?? [];
        if (groups.Count == 0)
            groups.Add(new GroupSettings(GroupWithoutAddress, [.. nodes.Select(_ => 1)]));
        return new MembershipSettings
        {
            NodeCount = nodes.Count,
            Self = context.Cluster.Self,
            PulseMs = farm.PulseMs ?? MembershipSettings.PulseMsDefault,
            SlostCount = farm.SlostCount ?? MembershipSettings.SlostCountDefault,
            MlostCount = farm.MlostCount ?? MembershipSettings.MlostCountDefault,
            LeaseMsGiven = farm.LeaseMs,
            // Both must agree: who the nodes are, and what the module is.
            ConfigurationSignature = configuration.Signature ^ (context.Cluster.Configuration.Signature * 31),
            Groups = groups,
        };
    }

    private static FarmConfiguration FarmOf(UserConfiguration configuration) =>
        configuration.Farm ?? throw new SafeKitException("a farm module needs <farm><lan name=\"...\"/></farm>");

    private static List<LanSettings> Lans(ModuleContext context, IReadOnlyList<string> names, int port)
    {
        var cluster = context.Cluster.Configuration;
        var lans = new List<LanSettings>();
        foreach (var lan in names.Select(cluster.Lan).OfType<ClusterLan>())
        {
            if (lan.Node(context.Cluster.SelfName) is not { } own)
                continue;
            var peers = cluster.Nodes.Select(n => lan.Node(n) is { } node ? new IPEndPoint(node.Address, port) : null);
            lans.Add(new LanSettings(lan.Name, new IPEndPoint(own.BindAddress, port), [.. peers]));
        }

        return lans.Count > 0
            ? lans
            : throw new SafeKitException(
                $"{context.Cluster.SelfName} is on none of the farm's lans ({string.Join(", ", names)}); add it to one in cluster.xml");
    }
}
