using System.Net;
using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Modules;

namespace SafeKit.Daemon.Probing;

/// <summary>One virtual interface of a module, as this node's configuration says.</summary>
/// <param name="Interface">Name of this node's interface.</param>
/// <param name="Address">Its first virtual address, by which the other nodes know it.</param>
/// <param name="VirtualMac">The MAC of vmac_invisible, also where the configuration says vmac_directed.</param>
/// <param name="IsDirected">What the configuration says.</param>
public sealed record ProbePlace(string Module, string Interface, IPAddress Address, Filter.MacAddress VirtualMac, bool IsDirected)
{
    /// <exception cref="SafeKitException">An interface cannot be told.</exception>
    public static IReadOnlyList<ProbePlace> All(string module, VipConfiguration vip) =>
    [
        .. vip.Interfaces.SelectMany(i => i.VirtualInterfaces
            .Where(v => v.VirtualAddresses.Count > 0)
            .Select(v => Of(module, i, v))),
    ];

    /// <exception cref="SafeKitException">The module has no such address here, or its interface cannot be told.</exception>
    public static ProbePlace Find(string module, VipConfiguration vip, IPAddress address)
    {
        foreach (var item in vip.Interfaces)
        {
            if (item.VirtualInterfaces.FirstOrDefault(v => v.VirtualAddresses.Any(a => a.Address.Equals(address))) is { } found)
                return Of(module, item, found);
        }

        throw new SafeKitException(
            $"module {module} has no virtual interface with the address {address} here; apply the same configuration on every node: safekit config -m {module}");
    }

    private static ProbePlace Of(string module, VipInterface item, VirtualInterface found)
    {
        var address = found.VirtualAddresses[0].Address;
        return new ProbePlace(
            module,
            item.Name ?? InterfaceFinder.Find(address),
            address,
            Filter.MacAddress.Read(found.Mac.GetAddressBytes()),
            found.Type == VirtualInterfaceType.VmacDirected);
    }
}
