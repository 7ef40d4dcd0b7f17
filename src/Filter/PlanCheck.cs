using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>Refuses a plan that the filter cannot hold or that contradicts itself, before anything is touched.</summary>
internal static class PlanCheck
{
    public static void Check(FilterPlan plan)
    {
        AtMost(plan.Addresses.Count, Limits.VirtualAddressesMax, "virtual addresses", "use fewer virtual_addr elements");
        AtMost(plan.Groups.Count, Limits.GroupsMax, "load-balancing groups", "merge groups with the same hosts");
        CheckUnique(plan.Interfaces.Select(one => one.Name), "interface");
        CheckUnique(plan.Addresses.Select(one => one.Address.ToString()), "virtual address");
        CheckUnique(plan.Groups.Select(one => $"{one.Name}' of slot '{one.Slot}"), "group");
        foreach (FilterGroup group in plan.Groups)
        {
            if ((uint)group.Slot >= SharedLimits.SlotsMax)
                throw new SafeKitException($"group {group.Name}: slot {group.Slot} is not below {SharedLimits.SlotsMax}; " +
                    "run fewer farm modules on this node");
        }
        foreach (FilterAddress address in plan.Addresses)
            CheckAddress(address, plan);
    }

    private static void CheckAddress(FilterAddress address, FilterPlan plan)
    {
        string place = $"virtual address {address.Address}";
        if (plan.Interfaces.All(one => one.Name != address.Interface))
            throw new SafeKitException($"{place}: interface {address.Interface} is not among the guarded ones; add it to interface_list");
        if (!IsUnicast(address.Address))
            throw new SafeKitException($"{place}: not a unicast address; choose one of the clients' network");
        if (address.Address.IsIPv6LinkLocal)
            throw new SafeKitException($"{place}: link-local addresses are not shared; choose a global or unique local one");
        if (address.VirtualMac.IsMulticast || address.VirtualMac.Value == 0)
            throw new SafeKitException($"{place}: virtual MAC {address.VirtualMac} is not unicast; " +
                "the first byte must be even, as in 5a:fe:...");
        AtMost(address.Rules.Count, Limits.RulesPerAddressMax, $"rules for {place}", "use port=\"*\" or fewer rules");
        foreach (FilterRule rule in address.Rules)
        {
            if ((uint)rule.Group >= (uint)plan.Groups.Count)
                throw new SafeKitException($"{place}: a rule names group {rule.Group}, there are {plan.Groups.Count}");
            if (!Enum.IsDefined(rule.Protocol) || !Enum.IsDefined(rule.Input))
                throw new SafeKitException($"{place}: a rule with an unknown protocol or filter");
        }
    }

    private static bool IsUnicast(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any) && !IPAddress.IsLoopback(address) && !address.IsIPv4MappedToIPv6;
        byte first = address.GetAddressBytes()[0];
        return first is not (0 or 127) && first < 224;
    }

    private static void CheckUnique(IEnumerable<string> names, string what)
    {
        string? twice = names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1)?.Key;
        if (twice is not null)
            throw new SafeKitException($"{what} '{twice}' is there twice; remove one");
    }

    private static void AtMost(int count, int limit, string what, string remedy)
    {
        if (count > limit)
            throw new SafeKitException($"{count} {what}, at most {limit}: {remedy}");
    }
}
