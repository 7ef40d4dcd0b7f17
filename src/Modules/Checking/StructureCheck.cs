using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>What must hold between the parts of one <c>userconfig.xml</c>.</summary>
internal static class StructureCheck
{
    public static void Check(UserConfiguration configuration, FindingList findings)
    {
        CheckService(configuration, findings);
        MirrorStructureCheck.Check(configuration, findings);
        if (configuration.Vip is not { } vip)
            return;
        CheckAddresses(vip, findings);
        if (configuration.Service.Mode == ServiceMode.Mirror)
            return;
        CheckGroups(vip, findings);
        CheckRules(vip, findings);
    }

    private static void CheckService(UserConfiguration configuration, FindingList findings)
    {
        var service = configuration.Service;
        if (service.Mode == ServiceMode.Farm && configuration.Farm is null)
            findings.Error(
                service.Place,
                "a farm module needs <farm>",
                "add <farm><lan name=\"...\"/></farm> with a lan of cluster.xml");
        if (service.Mode == ServiceMode.Light && configuration.Farm is { } farm)
            findings.Error(
                farm.Place,
                "a light module runs on one node and has no <farm>",
                "remove <farm>, or write mode=\"farm\"");
        if (service.Mode == ServiceMode.Light && configuration.Vip is { } vip)
            findings.Error(
                vip.Place,
                "a light module has no virtual address in this version",
                "remove <vip>, or write mode=\"farm\"");
        if (configuration.User is null)
            findings.Note(service.Place, "without <user> the module's scripts are not run", "add <user/>");
        if (service.AutomaticReboot)
            findings.Warning(
                service.Place,
                "automatic_reboot=\"on\" is not supported yet in this version: stopstart does not reboot",
                "remove the attribute");
    }

    private static void CheckAddresses(VipConfiguration vip, FindingList findings)
    {
        var addresses = vip.VirtualAddresses.ToArray();
        if (addresses.Length > Limits.VirtualAddressesMax)
            findings.Error(
                vip.Place,
                $"a node has at most {Limits.VirtualAddressesMax} virtual addresses, here are {addresses.Length}",
                "remove some");
        foreach (var twice in addresses.GroupBy(address => address.Address).Where(same => same.Count() > 1))
            findings.Error(twice.Last().Place, $"virtual address {twice.Key} appears twice", "keep one of them");
        var interfaces = vip.Interfaces.SelectMany(item => item.VirtualInterfaces)
            .Where(item => item.VirtualAddresses.Count > 0 && item.Type == VirtualInterfaceType.VmacInvisible);
        foreach (var twice in interfaces.GroupBy(item => item.Mac).Where(same => same.Count() > 1))
            findings.Error(
                twice.Last().Place,
                $"two virtual interfaces have the MAC {twice.Key}",
                "give one of them another addr, or put their addresses into one");
    }

    private static void CheckGroups(VipConfiguration vip, FindingList findings)
    {
        var groups = vip.LoadBalancingGroups;
        if (groups.Count == 0 && vip.VirtualAddresses.Any())
            findings.Error(
                vip.Place,
                "no load-balancing rule: all traffic to the virtual address would be denied",
                "add <loadbalancing_list><group name=\"...\"><rule port=\"80\" proto=\"tcp\" filter=\"on_addr\"/>...");
        if (groups.Count > Limits.GroupsMax)
            findings.Error(
                vip.Place,
                $"a node has at most {Limits.GroupsMax} groups, here are {groups.Count}",
                "remove some");
        foreach (var twice in groups.GroupBy(group => group.Name).Where(same => same.Count() > 1))
            findings.Error(
                twice.Last().Place,
                $"two groups have the name {twice.Key}",
                "give each its own: it names the resource");
        foreach (var group in groups.Where(group => group.Rules.Count == 0))
            findings.Error(group.Place, $"group {group.Name} has no rule", "add a <rule>, or remove the group");
    }

    private static void CheckRules(VipConfiguration vip, FindingList findings)
    {
        var addresses = vip.VirtualAddresses.ToArray();
        var rules = vip.LoadBalancingGroups.SelectMany(group => group.Rules).ToArray();
        foreach (var rule in rules)
        {
            if (rule.VirtualAddress is { } scope && !addresses.Any(address => address.Address.Equals(scope)))
                findings.Error(
                    rule.Place,
                    $"rule for {scope}, which is no virtual address of this module",
                    $"the virtual addresses are {string.Join(", ", addresses.Select(address => address.Address))}");
            if (rule.Filter == HashInput.IpIdentification && rule.VirtualAddress is null
                && addresses.Any(address => address.Address.AddressFamily == AddressFamily.InterNetworkV6))
            {
                findings.Error(
                    rule.Place,
                    "filter=\"on_ipid\" means nothing for the IPv6 address that this rule covers",
                    "name the IPv4 address in virtual_addr, or use another filter");
            }
        }

        foreach (var twice in rules.GroupBy(rule => (rule.VirtualAddress, rule.Port, rule.Protocol)).Where(same => same.Count() > 1))
            findings.Error(
                twice.Last().Place,
                "two rules cover the same address, port and protocol",
                "keep one of them: a packet has one group");
        foreach (var address in addresses)
        {
            var count = rules.Count(rule => rule.VirtualAddress is null || rule.VirtualAddress.Equals(address.Address));
            if (count > Limits.RulesPerAddressMax)
                findings.Error(
                    address.Place,
                    $"{count} rules apply to {address.Address}, at most {Limits.RulesPerAddressMax} can",
                    "use port=\"*\" or fewer rules");
        }
    }
}
