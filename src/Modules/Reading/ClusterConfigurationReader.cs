using System.Net;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>
/// Reads <c>cluster.xml</c>. Never throws for what a file holds: everything wrong is a <see cref="Finding"/>.
/// </summary>
public static class ClusterConfigurationReader
{
    private static readonly Dictionary<string, string> _noEnvironment = [];

    public static ConfigurationResult<ClusterConfiguration> Read(string file, Func<string, IPAddress[]>? resolve = null)
    {
        var findings = new FindingList(file);
        return ConfigurationFile.ReadText(file, findings) is { } text
            ? Read(text, findings, resolve)
            : new ConfigurationResult<ClusterConfiguration>(null, findings.ToList());
    }

    public static ConfigurationResult<ClusterConfiguration> ReadText(
        string text, string fileName, Func<string, IPAddress[]>? resolve = null) =>
        Read(text, new FindingList(fileName), resolve);

    private static ConfigurationResult<ClusterConfiguration> Read(
        string text, FindingList findings, Func<string, IPAddress[]>? resolve)
    {
        ClusterConfiguration? cluster = null;
        if (ConfigDocument.Parse(text, findings) is { } top)
        {
            var expander = new MacroExpander(_noEnvironment, findings);
            if (DocumentRoot.Open(top, ClusterSchema.Root, [ClusterSchema.Macro], expander, findings) is { } root)
                cluster = ReadCluster(root, new AddressResolver(resolve), findings);
        }

        return new ConfigurationResult<ClusterConfiguration>(findings.HasErrors ? null : cluster, findings.ToList());
    }

    private static ClusterConfiguration? ReadCluster(ConfigElement root, AddressResolver resolver, FindingList findings)
    {
        if (root.Child("lans") is not { } element)
        {
            findings.Error(
                root.Place,
                "<cluster> holds no <lans>",
                "add <lans><lan name=\"default\"><node name=\"node1\" addr=\"...\"/>...</lan></lans>");
            return null;
        }

        var lans = new ElementReader(element, findings);
        var cluster = new ClusterConfiguration(
            lans.Int("port", 1, ushort.MaxValue) ?? ClusterConfiguration.PortDefault,
            HeartbeatReader.PulseMs(lans) ?? ClusterConfiguration.PulseMsDefault,
            HeartbeatReader.MlostCount(lans) ?? ClusterConfiguration.MlostCountDefault,
            HeartbeatReader.SlostCount(lans) ?? ClusterConfiguration.SlostCountDefault,
            [.. element.ChildrenNamed("lan").Select(lan => ReadLan(new ElementReader(lan, findings), resolver))]);
        ClusterRules.Check(cluster, element.Place, findings);
        return cluster.Nodes.Count <= Limits.NodesMax ? cluster : null;
    }

    private static ClusterLan ReadLan(ElementReader lan, AddressResolver resolver)
    {
        var nodes = new List<ClusterNodeAddress>();
        foreach (var element in lan.Element.ChildrenNamed("node"))
        {
            if (ReadNode(new ElementReader(element, lan.Findings), resolver) is { } node)
                nodes.Add(node);
        }

        return new ClusterLan(lan.Required("name"), lan.OnOff("command", false), nodes, lan.Place);
    }

    internal static ClusterNodeAddress? ReadNode(ElementReader node, AddressResolver resolver)
    {
        var name = node.Required("name");
        var address = resolver.Read(node, "addr");
        IPAddress? local = null;
        if (node.Has("laddr"))
            local = resolver.Read(node, "laddr");
        return address is null || name.Length == 0
            ? null
            : new ClusterNodeAddress(name, node.Text("addr").Trim(), address, local, node.Place);
    }
}
