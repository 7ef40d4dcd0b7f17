using System.Globalization;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>What <c>cluster.xml</c> says. Every node of a cluster must hold the same one.</summary>
public sealed record ClusterConfiguration(int Port, int PulseMs, int MlostCount, int SlostCount, IReadOnlyList<ClusterLan> Lans)
{
    public const int PortDefault = 4800;
    public const int PulseMsDefault = 100;
    public const int MlostCountDefault = 20;
    public const int SlostCountDefault = 10;

    /// <summary>Names in the order of first appearance: a node's position here is its <see cref="NodeId"/>.</summary>
    public IReadOnlyList<string> Nodes { get; } =
        [.. Lans.SelectMany(lan => lan.Nodes).Select(node => node.Name).Distinct()];

    /// <summary>Equal on two nodes if and only if their files say the same; addresses count as written.</summary>
    public ulong Signature { get; } = ContentSignature.Of(Canonical(Port, PulseMs, MlostCount, SlostCount, Lans));

    /// <summary>The lan of distributed commands.</summary>
    public ClusterLan CommandLan => Lans.FirstOrDefault(lan => lan.Command) ?? Lans[0];

    public ClusterLan? Lan(string name) => Lans.FirstOrDefault(lan => lan.Name == name);

    public NodeId? NodeByName(string name)
    {
        for (var i = 0; i < Nodes.Count; i++)
        {
            if (Nodes[i] == name)
                return new NodeId((byte)i);
        }

        return null;
    }

    private static string Canonical(int port, int pulseMs, int mlostCount, int slostCount, IReadOnlyList<ClusterLan> lans)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"cluster port={port} pulse={pulseMs} mlost={mlostCount} slost={slostCount}\n");
        foreach (var lan in lans)
        {
            text.Append(CultureInfo.InvariantCulture, $"lan {lan.Name} command={lan.Command}\n");
            foreach (var node in lan.Nodes)
                text.Append(CultureInfo.InvariantCulture, $"node {node.Name} {node.Addr} {node.LocalAddress}\n");
        }

        return text.ToString();
    }
}
