using System.Net;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Reads the groups of <c>&lt;loadbalancing_list&gt;</c>.</summary>
internal static class LoadBalancingReader
{
    /// <summary>The most that the membership takes; room for the chains 1, 64, 64 x 64, ... that users write.</summary>
    internal const int PowerMax = 1_000_000;

    /// <summary>A day: who was silent for so long starts anew.</summary>
    private const int AffinityTimeoutMaxS = 86_400;

    public static LoadBalancingGroup ReadGroup(ElementReader group, AddressResolver resolver, bool isDirected)
    {
        List<GroupHost>? hosts = null;
        if (group.Element.Child("cluster") is { } cluster)
        {
            hosts = [.. cluster.ChildrenNamed("host").Select(element => ReadHost(new ElementReader(element, group.Findings)))];
            var named = hosts.Where(host => host.Name.Length > 0).GroupBy(host => host.Name);
            foreach (var twice in named.Where(same => same.Count() > 1))
                group.Findings.Error(
                    twice.Last().Place,
                    $"host {twice.Key} appears twice in the group",
                    "keep one of them");
            if (hosts.Count == 0)
                group.Findings.Error(
                    cluster.Place,
                    "<cluster> of a group holds no <host>",
                    "add hosts, or remove <cluster>: then all nodes share equally");
            else if (hosts.TrueForAll(host => host.Power == 0))
                group.Findings.Error(
                    cluster.Place,
                    "every host of the group has power 0: nobody would serve",
                    "give one of them a power of 1");
        }

        var rules = new List<LoadBalancingRule>();
        foreach (var element in group.Element.ChildrenNamed("rule"))
        {
            if (ReadRule(new ElementReader(element, group.Findings), resolver, isDirected) is { } rule)
                rules.Add(rule);
        }

        return new LoadBalancingGroup(group.Required("name"), hosts, rules, group.Place);
    }

    private static TimeSpan? ReadAffinity(ElementReader rule, string filter)
    {
        if (rule.Time("affinity_timeout", TimeUnit.Second, 1, AffinityTimeoutMaxS) is not { } seconds)
            return null;
        if (filter != "on_addr")
            rule.Invalid(
                "affinity_timeout",
                "it serves filter=\"on_addr\" only: by another filter a client has no node of its own",
                "write filter=\"on_addr\", or remove affinity_timeout");
        return TimeSpan.FromSeconds(seconds);
    }

    private static GroupHost ReadHost(ElementReader host) =>
        new(host.Required("name"), host.Int("power", 0, PowerMax) ?? 1, host.Place);

    private static LoadBalancingRule? ReadRule(ElementReader rule, AddressResolver resolver, bool isDirected)
    {
        IPAddress? address = null;
        if (rule.Text("virtual_addr", "*").Trim() != "*")
            address = resolver.Read(rule, "virtual_addr");
        int? port = rule.Text("port", "*").Trim() == "*" ? null : rule.Int("port", 1, ushort.MaxValue);
        rule.Required("proto");
        rule.Required("filter");
        var protocol = rule.Choice("proto", "tcp", "tcp", "udp", "arp");
        var filter = rule.Choice("filter", "on_addr", "on_addr", "on_port", "on_ipid");
        if (protocol == "arp" && !isDirected)
        {
            rule.Findings.Warning(
                rule.PlaceOf("proto"), "the rule is ignored: proto=\"arp\" serves type=\"vmac_directed\" only", "remove the rule");
            return null;
        }

        if (protocol == "arp" && filter != "on_addr")
            rule.Invalid("filter", "who asks where an address is has an address and nothing else", "write filter=\"on_addr\"");
        if (filter == "on_ipid" && (protocol == "tcp" || address?.AddressFamily == AddressFamily.InterNetworkV6))
            rule.Invalid(
                "filter",
                "the IP identification means something for UDP over IPv4 only",
                "write filter=\"on_addr\" or filter=\"on_port\"");
        var input = filter switch
        {
            "on_port" => HashInput.AddressAndPort,
            "on_ipid" => HashInput.IpIdentification,
            _ => HashInput.Address,
        };
        return new LoadBalancingRule(address, port, Protocol(protocol), input, rule.Place)
        {
            AffinityTimeout = ReadAffinity(rule, filter),
        };
    }

    private static RuleProtocol Protocol(string word) => word switch
    {
        "arp" => RuleProtocol.Arp,
        "udp" => RuleProtocol.Udp,
        _ => RuleProtocol.Tcp,
    };
}
