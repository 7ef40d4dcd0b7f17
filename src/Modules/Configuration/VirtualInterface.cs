using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace SafeKit.Modules;

/// <summary>Virtual addresses behind one virtual MAC.</summary>
public sealed record VirtualInterface(
    VirtualInterfaceType Type,
    PhysicalAddress? Addr,
    IReadOnlyList<VirtualAddress> VirtualAddresses,
    SourcePlace Place = default)
{
    /// <summary>The MAC as given, else 5A:FE and the last four bytes of the first address, IPv4 before IPv6.</summary>
    public PhysicalAddress Mac { get; } = Addr ?? Default(VirtualAddresses);

    private static PhysicalAddress Default(IReadOnlyList<VirtualAddress> addresses)
    {
        var first = addresses.FirstOrDefault(address => address.Address.AddressFamily == AddressFamily.InterNetwork)
            ?? addresses.FirstOrDefault();
        return first is null
            ? PhysicalAddress.None
            : new PhysicalAddress([0x5A, 0xFE, .. first.Address.GetAddressBytes().AsSpan()[^4..]]);
    }
}
