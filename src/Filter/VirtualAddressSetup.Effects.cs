using System.Net;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>Which effects an address has.</summary>
internal sealed partial class VirtualAddressSetup
{
    private const string BridgeKind = "bridge";

    /// <summary>The kernel takes the greater of this and the interface's own, so it holds on interfaces yet to come.</summary>
    private const string AllInterfaces = "all";

    /// <summary>
    /// arp_ignore: 1 answers only for addresses of the interface asked, 2 and 8 for fewer still. 3 is no stricter, although greater:
    /// it answers for every address of global scope.
    /// </summary>
    private static readonly string[] _silentEnough = ["1", "2", "8"];

    /// <summary>ff02::1:ff00:0/104, RFC 4291, 2.7.1.</summary>
    private static readonly byte[] _solicitedPrefix = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];

    private static string Cidr(FilterAddress address) =>
        $"{address.Address}/{(address.Address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";

    private static string SysctlPath(string name, string key) => $"/proc/sys/net/ipv4/conf/{name}/{key}";

    private static IEnumerable<string> SubjectsOf(FilterAddress address) =>
    [
        Cidr(address),
        SysctlPath(AllInterfaces, "arp_ignore"),
        SysctlPath(AllInterfaces, "arp_announce"),
        SysctlPath(address.Interface, "arp_ignore"),
        SysctlPath(address.Interface, "arp_announce"),
        $"{address.VirtualMac} {address.Interface}",
        address.Interface,
    ];

    private void ExtendFor(FilterAddress address, IReadOnlyList<NodeInterface> interfaces)
    {
        NodeInterface device = interfaces.First(one => one.Name == address.Interface);
        // Answer ARP only for addresses of the interface asked, and never announce an address of lo: the filter answers
        // before, but a packet that passes it must not reveal our own MAC either. For all interfaces, because one without a
        // filter, or one that is made later, may lie in the same network.
        foreach (string name in (string[])[AllInterfaces, device.Name])
        {
            ExtendSysctl(SysctlPath(name, "arp_ignore"), "1", _silentEnough);
            ExtendSysctl(SysctlPath(name, "arp_announce"), "2", ["2"]);
        }
        ExtendReception(address, device);
        JoinSolicitedGroup(address, device);
        bool isOnLoopback = interfaces.Any(one => one.Name == LoopbackName && one.Addresses.Contains(address.Address));
        if (!isOnLoopback)
            Make(new SetupEffect(SetupEffect.Address, Cidr(address), ""), $"virtual address {address.Address}");
    }

    private void ExtendSysctl(string path, string value, string[] sufficient)
    {
        string before = SetupEffect.ReadSysctl(path);
        if (sufficient.Contains(before))
            return;
        Make(new SetupEffect(SetupEffect.Sysctl, path, before), path, value);
    }

    private void ExtendReception(FilterAddress address, NodeInterface device)
    {
        // Frames for a directed address come to the interface's own MAC.
        if (address.IsDirected)
        {
            _reception.TryAdd(device.Name, "own MAC");
            return;
        }
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

    /// <summary>
    /// A switch with MLD snooping sends solicitations only to those who joined the group of the address. Others flood them, so
    /// a refusal is told and ends nothing; the next plan tries again.
    /// </summary>
    private void JoinSolicitedGroup(FilterAddress address, NodeInterface device)
    {
        if (address.Address.AddressFamily != AddressFamily.InterNetworkV6 || _solicited.ContainsKey((address.Address, device.Index)))
            return;
        byte[] group = [.. _solicitedPrefix, .. address.Address.GetAddressBytes().AsSpan(13).ToArray()];
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            var membership = new IPv6MulticastOption(new IPAddress(group), device.Index);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, membership);
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            _unjoined[(address.Address, device.Name)] = exception.Message;
            return;
        }
        _unjoined.Remove((address.Address, device.Name));
        _solicited.Add((address.Address, device.Index), socket);
    }
}
