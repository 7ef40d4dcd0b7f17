using System.Net;
using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Membership;
using SafeKit.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>What the configuration of a mirror module means on this node.</summary>
public static class MirrorOptions
{
    /// <param name="life">Number of the life that begins.</param>
    /// <exception cref="SafeKitException">A lan is unknown, or the heartbeats are not between this node and one other.</exception>
    public static MirrorPlan From(ModuleContext context, UserConfiguration configuration, ulong life)
    {
        var heart = configuration.Heart
            ?? throw new SafeKitException("a mirror module needs <heart><heartbeat name=\"...\"/></heart>");
        var cluster = context.Cluster.Configuration;
        var lans = heart.Heartbeats.Select(heartbeat => Lan(cluster, heartbeat.Name)).ToList();
        var peerName = PeerOf(context, lans);
        // Both must agree: who the nodes are, and what the module is.
        var signature = configuration.Signature ^ (cluster.Signature * 31);
        return new MirrorPlan
        {
            PeerName = peerName,
            Machine = Machine(configuration, context.Cluster.SelfName) with { OpenPorts = $"open UDP port {heart.PortOf(context.Id)}" },
            Heart = Heart(context, heart, lans, peerName, signature, life),
            HeartbeatIdents = [.. heart.Heartbeats.Select(heartbeat => heartbeat.Ident)],
            Signature = signature,
            Data = configuration.Replication is { } replication ? Data(context, heart, replication, peerName) : null,
        };
    }

    private static MirrorModuleSettings Machine(UserConfiguration configuration, string nodeName)
    {
        var settings = MirrorModuleSettings.From(configuration, nodeName);
        return configuration.Replication is null
            ? settings
            : settings with { Checkers = [.. settings.Checkers, DirectoryWatch.Checker] };
    }

    private static ClusterLan Lan(ClusterConfiguration cluster, string name) =>
        cluster.Lan(name) ?? throw new SafeKitException($"lan {name} of <heartbeat> is not in cluster.xml");

    private static string PeerOf(ModuleContext context, List<ClusterLan> lans)
    {
        var names = lans.SelectMany(lan => lan.Nodes).Select(node => node.Name).Distinct().ToList();
        if (!names.Contains(context.Cluster.SelfName))
        {
            throw new SafeKitException(
                $"{context.Cluster.SelfName} is on none of the heartbeats' lans: this module runs on {string.Join(" and ", names)}");
        }

        return names.Count == 2
            ? names.Single(name => name != context.Cluster.SelfName)
            : throw new SafeKitException($"a mirror runs on exactly two nodes; the lans of its heartbeats hold {string.Join(", ", names)}");
    }

    private static HeartOptions Heart(
        ModuleContext context, HeartConfiguration heart, List<ClusterLan> lans, string peerName, ulong signature, ulong life)
    {
        var cluster = context.Cluster.Configuration;
        var peer = cluster.NodeByName(peerName)!.Value;
        return new HeartOptions
        {
            Settings = new HeartSettings
            {
                Self = context.Cluster.Self,
                Peer = peer,
                Lans = [.. heart.Heartbeats.Select(heartbeat => new HeartLanTiming(heartbeat.PulseMs, heartbeat.TimeoutMs))],
            },
            Lans = [.. lans.Select(lan => Lan(context, lan, heart.PortOf(context.Id)))],
            ClusterKey = context.Cluster.Key,
            Module = context.Name,
            Incarnation = life,
            Content = new HeartContent { ConfigurationSignature = signature },
            OnFatal = e => context.Fail($"module {context.Name}: the heart's thread failed: {e.Message}"),
        };
    }

    private static LanSettings Lan(ModuleContext context, ClusterLan lan, int port)
    {
        var own = lan.Node(context.Cluster.SelfName)
            ?? throw new SafeKitException($"{context.Cluster.SelfName} is not on lan {lan.Name} of <heartbeat>; add it in cluster.xml");
        var nodes = context.Cluster.Configuration.Nodes.Select(name => lan.Node(name) is { } node ? new IPEndPoint(node.Address, port) : null);
        return new LanSettings(lan.Name, new IPEndPoint(own.BindAddress, port), [.. nodes]);
    }

    private static ReplicatedDataSettings Data(
        ModuleContext context, HeartConfiguration heart, ReplicationConfiguration replication, string peerName)
    {
        var lan = Lan(context.Cluster.Configuration, replication.LanOf(heart));
        var port = ReplicationConfiguration.PortOf(context.Id);
        return new ReplicatedDataSettings
        {
            Module = context.Name,
            NodeName = context.Cluster.SelfName,
            PeerName = peerName,
            ClusterKey = context.Cluster.Key,
            Own = new IPEndPoint(Node(lan, context.Cluster.SelfName).BindAddress, port),
            Peer = new IPEndPoint(Node(lan, peerName).Address, port),
            StateFolder = Path.Combine(context.Paths.ModuleVar(context.Name), "data"),
            Directories = [.. replication.Directories.Select(Directory)],
            BarrierWaitsForDisk = replication.WaitsForDisk,
            SilenceLimit = replication.SilenceLimit(heart),
            StallLimit = TimeSpan.FromSeconds(replication.LockTimeoutSeconds),
            ReintegrationBytesPerSecond = 1024L * replication.ReintegrationKbPerSecond,
            ReintegrationThreads = replication.ReintegrationThreads,
            MarkedBytesMax = (long)replication.MarkedMb << 20,
        };
    }

    private static ClusterNodeAddress Node(ClusterLan lan, string name) =>
        lan.Node(name) ?? throw new SafeKitException($"{name} is not on lan {lan.Name}, which carries the replication; add it in cluster.xml");

    private static ReplicatedDirectory Directory(ReplicatedDirectoryConfiguration directory) => new(
        directory.Dir,
        (WaitPolicy)directory.Wait,
        [.. directory.NotReplicated.Select(rule => new ExclusionRule(rule.Pattern, rule.IsRegularExpression, rule.Negated))],
        directory.ToCheck);
}
