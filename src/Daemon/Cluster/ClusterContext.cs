using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Daemon.Cluster;

/// <summary>The cluster as this node knows it: configuration, key, and which of the nodes this one is.</summary>
public sealed record ClusterContext(ClusterConfiguration Configuration, byte[] Key, NodeId Self)
{
    public string SelfName => Configuration.Nodes[Self.Index];

    public string Signature => Configuration.Signature.ToString("x16");

    /// <summary>Seed of the filter's hash: the same on every node, unknown to clients, so that none can aim at one node.</summary>
    public ulong HashSeed =>
        BitConverter.ToUInt64(HKDF.DeriveKey(HashAlgorithmName.SHA256, Key, sizeof(ulong), info: "filter hash"u8.ToArray()));

    /// <exception cref="SafeKitException">No usable configuration, key or identity; says what to do.</exception>
    public static ClusterContext Load(NodePaths paths)
    {
        if (!File.Exists(paths.ClusterXml))
        {
            throw new SafeKitException(
                "this node has no cluster configuration; apply one with: safekit cluster config cluster.xml");
        }

        var read = ClusterConfigurationReader.Read(paths.ClusterXml);
        if (read.Value is not { } configuration)
        {
            throw new SafeKitException(FindingText.Errors(read.Findings));
        }

        return new ClusterContext(configuration, ClusterKey.Read(paths.ClusterKey), FindSelf(paths, configuration));
    }

    /// <summary>Address of another node on the lan of distributed commands.</summary>
    public IPEndPoint CommandEndpoint(string node) =>
        new(Configuration.CommandLan.Node(node)!.Address, Configuration.Port);

    /// <summary>Own addresses on which the other daemons' questions arrive.</summary>
    public IPEndPoint? OwnCommandEndpoint =>
        Configuration.CommandLan.Node(SelfName) is { } own ? new IPEndPoint(own.BindAddress, Configuration.Port) : null;

    private static NodeId FindSelf(NodePaths paths, ClusterConfiguration configuration)
    {
        if (File.Exists(paths.NodeName))
        {
            var name = File.ReadAllText(paths.NodeName).Trim();
            return configuration.NodeByName(name)
                ?? throw new SafeKitException(
                    $"{paths.NodeName} names '{name}', which is no node of cluster.xml ({string.Join(", ", configuration.Nodes)})");
        }

        var own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .ToHashSet();
        var matches = configuration.Lans
            .SelectMany(l => l.Nodes)
            .Where(n => own.Contains(n.BindAddress))
            .Select(n => n.Name)
            .Distinct()
            .ToList();
        return matches.Count == 1
            ? configuration.NodeByName(matches[0])!.Value
            : throw new SafeKitException(
                $"{matches.Count} nodes of cluster.xml have an address of this machine"
                    + $"; correct the addresses, or write this node's name into {paths.NodeName}");
    }
}
