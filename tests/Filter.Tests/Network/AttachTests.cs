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
