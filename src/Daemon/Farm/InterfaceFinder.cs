using System.Net;
using System.Net.NetworkInformation;
using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>Finds the interface that carries a virtual address when the configuration does not name it.</summary>
public static class InterfaceFinder
{
    /// <exception cref="SafeKitException">No interface, or more than one, has an address in the same network.</exception>
    public static string Find(IPAddress virtualAddress)
    {
        var found = NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Where(i => i.GetIPProperties().UnicastAddresses.Any(a => Contains(a, virtualAddress)))
            .Select(i => i.Name)
            .ToList();
        return found.Count == 1
            ? found[0]
            : throw new SafeKitException(
                $"{found.Count} interfaces have an address in the network of {virtualAddress}"
                    + (found.Count == 0 ? "" : $" ({string.Join(", ", found)})")
                    + "; name the right one: <interface name=\"...\">");
    }

    /// <summary>The interface's own MAC.</summary>
    /// <exception cref="SafeKitException">There is no such interface, or it has none.</exception>
    public static PhysicalAddress MacOf(string interfaceName)
    {
        var mac = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(i => i.Name == interfaceName)?.GetPhysicalAddress();
        return mac?.GetAddressBytes().Length == 6
            ? mac
            : throw new SafeKitException($"interface {interfaceName} does not exist or has no MAC address, which type=\"vmac_directed\" needs");
    }

    /// <summary>The interface that has an address; null when none has.</summary>
    public static string? Holding(IPAddress own) => NetworkInterface.GetAllNetworkInterfaces()
        .FirstOrDefault(i => i.GetIPProperties().UnicastAddresses.Any(a => WithoutScope(a.Address).Equals(WithoutScope(own))))?.Name;

    private static IPAddress WithoutScope(IPAddress address) => new(address.GetAddressBytes());

    private static bool Contains(UnicastIPAddressInformation own, IPAddress address) =>
        own.Address.AddressFamily == address.AddressFamily
        && !own.Address.IsIPv6LinkLocal
        && !own.Address.Equals(address)
        && new IPNetwork(NetworkBase(own), own.PrefixLength).Contains(address);

    private static IPAddress NetworkBase(UnicastIPAddressInformation own)
    {
        var bytes = own.Address.GetAddressBytes();
        for (var bit = own.PrefixLength; bit < 8 * bytes.Length; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
