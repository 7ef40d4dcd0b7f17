using SafeKit.Core;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>Modes and their reasons, in namespaces of their own.</summary>
public sealed class AttachTests
{
    [RootFact]
    public void NativeOnVeth() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        InterfaceStatus status = Assert.Single(filter.Status().Interfaces);
        Assert.Equal(("eth0", FilterMode.Native, "secondary unicast filter"), (status.Name, status.Mode, status.Reception));
        Assert.NotEqual("", status.Reason);
        Assert.NotNull(filter.Status().ProgramId);
        filter.Detach();
    });

    [RootFact]
    public void NativeWithLargeFrames() => Namespaces.Run(node =>
    {
        node.ConnectClient(mtu: 9000);
        using PacketFilter filter = ServedNode.Serve(node);
        Assert.Equal(FilterMode.Native, Assert.Single(filter.Status().Interfaces).Mode);
        filter.Detach();
    });

    [RootFact]
    public void GenericOnBridge() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("link add br0 type bridge forward_delay 0");
        NodeNamespace.Ip("link set br0 up");
        NodeNamespace.Ip("address flush dev eth0");
        NodeNamespace.Ip("address add 10.1.0.1/24 dev br0");
        NodeNamespace.Ip("address add fd00:1::1/64 dev br0 nodad");
        NodeNamespace.Ip("link set eth0 master br0");
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(ServedNode.Plan("br0"));
        filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine));
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        InterfaceStatus status = Assert.Single(filter.Status().Interfaces);
        Assert.Equal(FilterMode.Generic, status.Mode);
        Assert.StartsWith("native refused: the driver does not support XDP", status.Reason);
        Assert.Equal("promiscuous mode", status.Reception);
        Assert.Contains("PROMISC", NodeNamespace.Ip("link show br0"));
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        Assert.Null(node.TryClient("ping -c 1 -W 5 fd00:1::100").Error);
        Assert.Contains($"10.1.0.100 dev eth0 lladdr {World.VirtualMac}", node.ClientIp("neighbour show"));
        filter.Detach();
        Assert.DoesNotContain("PROMISC", NodeNamespace.Ip("link show br0"));
    });

    /// <summary>Where the address would be announced and never served, the plan is refused with what to write instead.</summary>
    [RootTheory]
    [InlineData("link add br0 type bridge|link set eth0 master br0", "eth0", "it is a port of the bridge br0", "<interface name=\"br0\">")]
    [InlineData("link add mv0 link eth0 type macvlan mode bridge", "mv0", "a macvlan receives no frames for the virtual MAC", "mode passthru")]
    [InlineData("tuntap add tun0 mode tun", "tun0", "it is not Ethernet", "name an Ethernet interface")]
    public void RefusesInterfacesThatCannotServe(string commands, string name, string reason, string remedy) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        foreach (string command in commands.Split('|'))
            NodeNamespace.Ip(command);
        NodeNamespace.Ip($"link set {name} up");
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        var refused = Assert.Throws<SafeKitException>(() => filter.Apply(ServedNode.Plan(name)));
        Assert.StartsWith($"interface {name} cannot carry a virtual address: {reason}", refused.Message);
        Assert.Contains(remedy, refused.Message);
        Assert.DoesNotContain("10.1.0.100", NodeNamespace.Ip("address show dev lo"));
        filter.Detach();
    });

    [RootFact]
    public void GenericOnMacvlanInPassthruMode() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("address flush dev eth0");
        NodeNamespace.Ip("link add mv0 link eth0 type macvlan mode passthru");
        NodeNamespace.Ip("address add 10.1.0.1/24 dev mv0");
        NodeNamespace.Ip("link set mv0 up");
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(ServedNode.Plan("mv0"));
        filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine));
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        Assert.Equal(FilterMode.Generic, Assert.Single(filter.Status().Interfaces).Mode);
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        filter.Detach();
    });

    [DeviceFact("link probe0 name probe2 type vlan id 7")]
    public void GenericOnVlan() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        node.ClientIp("address flush dev eth0");
        node.ClientIp("link add link eth0 name eth0.7 type vlan id 7");
        node.ClientIp("address add 10.1.0.7/24 dev eth0.7");
        node.ClientIp("address add fd00:1::7/64 dev eth0.7 nodad");
        node.ClientIp("link set eth0.7 up");
        ServesOn(node, "eth0.7", ["link add link eth0 name eth0.7 type vlan id 7"]);
        Assert.DoesNotContain("PROMISC", NodeNamespace.Ip("link show eth0"));
    });

    /// <summary>And it takes a port whose driver has no XDP, as where a card is replaced.</summary>
    [DeviceFact("probe2 type bond", "probe2 type dummy")]
    public void GenericOnBond() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        ServesOn(
            node,
            "bond0",
            ["link add bond0 type bond mode active-backup miimon 50", "link set eth0 down", "link set eth0 master bond0", "link set eth0 up"],
            more: () =>
            {
                NodeNamespace.Ip("link add port1 type dummy");
                NodeNamespace.Ip("link set port1 master bond0");
            });
    });

    /// <summary>Makes the interface, gives it the node's addresses, and has the client reach both virtual addresses on it.</summary>
    private static void ServesOn(NodeNamespace node, string name, string[] commands, Action? more = null)
    {
        NodeNamespace.Ip("address flush dev eth0");
        foreach (string command in commands)
            NodeNamespace.Ip(command);
        NodeNamespace.Ip($"address add 10.1.0.1/24 dev {name}");
        NodeNamespace.Ip($"address add fd00:1::1/64 dev {name} nodad");
        NodeNamespace.Ip($"link set {name} up");
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(ServedNode.Plan(name));
        filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine));
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        InterfaceStatus status = Assert.Single(filter.Status().Interfaces);
        Assert.Equal((name, FilterMode.Generic, "secondary unicast filter"), (status.Name, status.Mode, status.Reception));
        more?.Invoke();
        Assert.Null(node.TryClient("ping -c 3 -i 0.3 -W 5 10.1.0.100").Error);
        Assert.Null(node.TryClient("ping -c 3 -i 0.3 -W 5 fd00:1::100").Error);
        Assert.Contains($"lladdr {World.VirtualMac}", node.ClientIp("neighbour show 10.1.0.100"));
        filter.InstallRows(0, ServedNode.Rows(RowFlags.None));
        Assert.NotNull(node.TryClient("ping -c 1 -W 1 10.1.0.100").Error);
        filter.Detach();
    }

    [RootFact]
    public void TcWhereXdpIsTaken() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using var other = new KernelNode();
        using var folder = new TemporaryGuard(node, other.Filter);
        using PacketFilter filter = ServedNode.Serve(node);
        InterfaceStatus status = Assert.Single(filter.Status().Interfaces);
        Assert.Equal(FilterMode.Tc, status.Mode);
        Assert.Contains("another XDP program is attached", status.Reason);
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        Assert.Null(node.TryClient("ping -c 1 -W 5 fd00:1::100").Error);
        Assert.Equal(2, filter.Status().Counters["taken"]);
        filter.InstallRows(0, ServedNode.Rows(RowFlags.None));
        Assert.NotNull(node.TryClient("ping -c 1 -W 1 10.1.0.100").Error);
        Assert.Equal(1, filter.Status().Counters["not_mine"]);
        filter.Detach();
    });

    [RootFact]
    public void ServesOnlyWhatItOwnsWhileTheLeaseHolds() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        Assert.Null(node.TryClient("ping -c 1 -W 5 fd00:1::100").Error);
        filter.SetLease(0, MonotonicClock.NowNs - 1);
        Assert.NotNull(node.TryClient("ping -c 1 -W 1 10.1.0.100").Error);
        Assert.NotEqual(0, filter.Status().Counters["lease_expired"]);
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.1").Error);
        filter.Detach();
    });
}
