using System.Net;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>Which effects an address has.</summary>
internal sealed partial class VirtualAddressSetup
{
    private const string BridgeKind = "bridge";

    /// <summary>ff02::1:ff00:0/104, RFC 4291, 2.7.1.</summary>
    private static readonly byte[] _solicitedPrefix = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];

    private static string Cidr(FilterAddress address) =>
        $"{address.Address}/{(address.Address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";

    private static string SysctlPath(string name, string key) => $"/proc/sys/net/ipv4/conf/{name}/{key}";

    private static IEnumerable<string> SubjectsOf(FilterAddress address) =>
    [
        Cidr(address),
        SysctlPath(address.Interface, "arp_ignore"),
        SysctlPath(address.Interface, "arp_announce"),
        $"{address.VirtualMac} {address.Interface}",
        address.Interface,
    ];

    private void ExtendFor(FilterAddress address, IReadOnlyList<NodeInterface> interfaces)
    {
        NodeInterface device = interfaces.First(one => one.Name == address.Interface);
        // Answer ARP only for addresses of the interface asked, and never announce an address of lo: the filter answers
        // before, but a packet that passes it must not reveal our own MAC either.
        ExtendSysctl(SysctlPath(device.Name, "arp_ignore"), "1");
        ExtendSysctl(SysctlPath(device.Name, "arp_announce"), "2");
        ExtendReception(address, device);
        JoinSolicitedGroup(address, device);
        bool isOnLoopback = interfaces.Any(one => one.Name == LoopbackName && one.Addresses.Contains(address.Address));
        if (!isOnLoopback)
            Make(new SetupEffect(SetupEffect.Address, Cidr(address), ""), $"virtual address {address.Address}");
    }

    private void ExtendSysctl(string path, string value)
    {
        string before = SetupEffect.ReadSysctl(path);
        if (before == value)
            return;
        Make(new SetupEffect(SetupEffect.Sysctl, path, before), path, value);
    }

    private void ExtendReception(FilterAddress address, NodeInterface device)
    {
        var filter = new SetupEffect(SetupEffect.MacFilter, $"{address.VirtualMac} {device.Name}", "");
        var promiscuous = new SetupEffect(SetupEffect.Promiscuous, device.Name, "");
        // An entry in a bridge's own table would end the flooding that the virtual MAC lives on.
        if (device.Kind != BridgeKind && Try(filter) is null)
        {
            _reception.TryAdd(device.Name, "secondary unicast filter");
            return;
        }
        Make(promiscuous, $"interface {device.Name}");
        _reception[device.Name] = "promiscuous mode";
    }

    private void Make(SetupEffect effect, string place, string value = "")
    {
        if (Try(effect, value) is { } error)
            throw new SafeKitException($"{place}: {error}");
    }

    private string? Try(SetupEffect effect, string value = "")
    {
        if (_effects.Any(made => made.Kind == effect.Kind && made.Subject == effect.Subject))
            return null;
        _effects.Add(effect);
        WriteJournal();
        string? error = effect.Make(value);
        if (error is not null)
        {
            _effects.RemoveAt(_effects.Count - 1);
            WriteJournal();
        }
        return error;
    }

    /// <summary>A switch with MLD snooping sends solicitations only to those who joined the group of the address.</summary>
    private void JoinSolicitedGroup(FilterAddress address, NodeInterface device)
    {
        if (address.Address.AddressFamily != AddressFamily.InterNetworkV6 || _solicited.ContainsKey((address.Address, device.Index)))
            return;
        byte[] group = [.. _solicitedPrefix, .. address.Address.GetAddressBytes().AsSpan(13).ToArray()];
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            var membership = new IPv6MulticastOption(new IPAddress(group), device.Index);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, membership);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new SafeKitException($"virtual address {address.Address}: cannot join its solicited-node group on {device.Name}: " +
                $"{exception.Message}; is IPv6 enabled there?", exception);
        }
        _solicited.Add((address.Address, device.Index), socket);
    }
}
