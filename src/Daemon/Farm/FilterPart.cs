using System.Net;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>What one module wants of the node's filter: addresses and groups; groups are numbered within the module.</summary>
public sealed record FilterPart(string Module, IReadOnlyList<FilterAddress> Addresses, IReadOnlyList<string> Groups)
{
    /// <exception cref="SafeKitException">An interface cannot be told, or an address has too many rules.</exception>
    /// <param name="module">Name of the module.</param>
    /// <param name="vip">Its addresses and rules.</param>
    /// <param name="self">Number of this node in the cluster.</param>
    public static FilterPart From(string module, VipConfiguration vip, int self)
    {
        var addresses = vip.Interfaces.SelectMany(i => i.VirtualInterfaces.SelectMany(v => v.VirtualAddresses.Select(a =>
            AddressOf(vip, v, a.Address, i.Name ?? InterfaceFinder.Find(a.Address), self))));
        return new FilterPart(module, [.. addresses], [.. vip.LoadBalancingGroups.Select(g => g.Name)]);
    }

    /// <summary>Whether this module sends packets on between the nodes.</summary>
    public bool IsDirected => Addresses.Any(a => a.IsDirected);

    /// <summary>The same part with its groups numbered as the node numbers them.</summary>
    public IEnumerable<FilterAddress> Numbered(IReadOnlyList<int> groupNumbers) =>
        Addresses.Select(a => a with { Rules = [.. a.Rules.Select(r => r with { Group = groupNumbers[r.Group] })] });

    private static FilterAddress AddressOf(VipConfiguration vip, VirtualInterface item, IPAddress address, string interfaceName, int self)
    {
        var isDirected = item.Type == VirtualInterfaceType.VmacDirected;
        var mac = isDirected ? InterfaceFinder.MacOf(interfaceName) : item.Mac;
        return new FilterAddress(address, interfaceName, MacAddress.Read(mac.GetAddressBytes()), RulesOf(vip, address))
        {
            IsDirected = isDirected,
            Self = self,
            AnswersSyns = vip.SynCookies,
        };
    }

    private static List<FilterRule> RulesOf(VipConfiguration vip, IPAddress address)
    {
        var rules = vip.LoadBalancingGroups
            .SelectMany((group, number) => group.Rules.Select(rule => (rule, number)))
            .Where(r => r.rule.VirtualAddress is null || r.rule.VirtualAddress.Equals(address))
            .Select(r => new FilterRule(
                (Filter.RuleProtocol)r.rule.Protocol,
                (ushort?)r.rule.Port,
                r.rule.Filter,
                r.number)
            {
                NotesActivity = r.rule.AffinityTimeout is not null,
            })
            .ToList();
        return rules.Count <= Limits.RulesPerAddressMax
            ? rules
            : throw new SafeKitException(
                $"{rules.Count} rules apply to {address}; at most {Limits.RulesPerAddressMax} can: join ports in one rule with port=\"*\"");
    }
}
