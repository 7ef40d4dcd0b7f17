using System.Net;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>What one module wants of the node's filter: addresses and groups; groups are numbered within the module.</summary>
public sealed record FilterPart(string Module, IReadOnlyList<FilterAddress> Addresses, IReadOnlyList<string> Groups)
{
    /// <exception cref="SafeKitException">An interface cannot be told, or an address has too many rules.</exception>
    public static FilterPart From(string module, VipConfiguration vip)
    {
        var addresses = vip.Interfaces.SelectMany(i => i.VirtualInterfaces.SelectMany(v => v.VirtualAddresses.Select(a =>
            new FilterAddress(
                a.Address,
                i.Name ?? InterfaceFinder.Find(a.Address),
                MacAddress.Read(v.Mac.GetAddressBytes()),
                RulesOf(vip, a.Address)))));
        return new FilterPart(module, [.. addresses], [.. vip.LoadBalancingGroups.Select(g => g.Name)]);
    }

    /// <summary>The same part with its groups numbered as the node numbers them.</summary>
    public IEnumerable<FilterAddress> Numbered(IReadOnlyList<int> groupNumbers) =>
        Addresses.Select(a => a with { Rules = [.. a.Rules.Select(r => r with { Group = groupNumbers[r.Group] })] });

    private static List<FilterRule> RulesOf(VipConfiguration vip, IPAddress address)
    {
        var rules = vip.LoadBalancingGroups
            .SelectMany((group, number) => group.Rules.Select(rule => (rule, number)))
            .Where(r => r.rule.VirtualAddress is null || r.rule.VirtualAddress.Equals(address))
            .Select(r => new FilterRule(
                r.rule.Protocol == Modules.RuleProtocol.Udp ? Filter.RuleProtocol.Udp : Filter.RuleProtocol.Tcp,
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
