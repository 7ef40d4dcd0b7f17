using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Filter;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// A mirror's virtual addresses as the filter knows them: one group whose buckets all belong to the node that has the address, and a rule
/// for each protocol with ports. Behind a real interface as behind a virtual one the address answers with a virtual MAC, so that
/// a failover changes no entry in anybody's neighbour table.
/// </summary>
public static class AddressPart
{
    private static readonly FilterRule[] _everything =
    [
        new(Filter.RuleProtocol.Tcp, null, HashInput.Address, 0),
        new(Filter.RuleProtocol.Udp, null, HashInput.Address, 0),
    ];

    /// <exception cref="SafeKitException">An interface cannot be told.</exception>
    public static FilterPart From(string module, VipConfiguration vip)
    {
        var addresses = new List<FilterAddress>();
        foreach (var item in vip.Interfaces)
        {
            foreach (var one in item.VirtualInterfaces.Concat(item.RealInterfaces.Select(AsVirtual)))
                addresses.AddRange(one.VirtualAddresses.Select(a => Address(vip, item, one, a)));
        }

        return new FilterPart(module, addresses, [module]);
    }

    private static FilterAddress Address(VipConfiguration vip, VipInterface item, VirtualInterface one, VirtualAddress address) => new(
        address.Address,
        item.Name ?? InterfaceFinder.Find(address.Address),
        MacAddress.Read(one.Mac.GetAddressBytes()),
        _everything)
    {
        AnswersSyns = vip.SynCookies,
    };

    private static VirtualInterface AsVirtual(RealInterface real) =>
        new(VirtualInterfaceType.VmacInvisible, null, real.VirtualAddresses);
}
