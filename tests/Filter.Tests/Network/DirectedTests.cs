using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>
/// vmac_directed on each kind of interface: a frame for another node's bucket comes out of the same interface, with new MAC
/// addresses and nothing else changed, and questions are answered with the interface's own MAC.
/// </summary>
public sealed class DirectedTests
{
    private const int WaitMs = 5_000;
    private const int Self = 2;
    private const int Owner = 1;

    private static readonly MacAddress _ownerMac = MacAddress.Parse("02:00:00:00:00:99");

    [RootFact]
    public void OnVethNativeXdpLeavesTheSendingToTc() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Check(node, "eth0", FilterMode.Native, "sends on at tc: XDP_TX on veth");
    });

    [RootFact]
    public void OnABridge() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0");
        NodeNamespace.Ip("link set br0 up");
        NodeNamespace.Ip("address flush dev eth0");
        NodeNamespace.Ip("link set eth0 master br0");
        Check(node, "br0", FilterMode.Generic, "sends on by XDP_TX in the stack");
    });

    [RootFact]
    public void OnAMacvlan() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("link add link eth0 name mv0 address 02:00:00:00:00:11 type macvlan mode bridge");
        NodeNamespace.Ip("link set mv0 up");
        Check(node, "mv0", FilterMode.Generic, "sends on by XDP_TX in the stack");
    });

    [RootFact]
    public void AtTcWhereXdpIsTaken() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using var other = new KernelNode();
        using var folder = new TemporaryGuard(node, other.Filter);
        Check(node, "eth0", FilterMode.Tc, "sends on at tc");
    });

    [RootFact]
    public void OnANetworkOfIpv6Alone() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("-4 address flush dev eth0");
        node.ClientIp("-4 address flush dev eth0");
        Check(node, "eth0", FilterMode.Native, "sends on at tc", families: [true]);
    });

    [RootFact]
    public void TheKernelsNeighboursAreRead() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Assert.Null(Tool.Try(out _, "ping", "-c", "1", "-w", "10", "10.1.0.7"));
        int ifindex = NodeInterface.ReadAll().First(one => one.Name == "eth0").Index;
        IReadOnlyDictionary<(int, System.Net.IPAddress), MacAddress> table = NeighbourTable.Read();
        Assert.Equal(World.ClientMac, table[(ifindex, World.Client)]);
        Assert.Equal(World.ClientMac, table[(ifindex, World.Client6)]);
    });

    private static void Check(NodeNamespace node, string name, FilterMode mode, string sending, bool[]? families = null)
    {
        MacAddress own = NodeInterface.ReadAll().First(one => one.Name == name).Mac;
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(Plan(name, own));
        filter.SetMember(name, Owner, _ownerMac);
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        InterfaceStatus status = Assert.Single(filter.Status().Interfaces);
        Assert.Equal((mode, "own MAC"), (status.Mode, status.Reception));
        Assert.StartsWith(sending, status.Sending);
        using var judge = new Judge(node);
        foreach (bool v6 in families ?? [false, true])
        {
            filter.InstallRows(0, ServedNode.Rows(RowFlags.None), Holders());
            byte[] frame = PacketBuilder.Ethernet(own, World.ClientMac)
                .Ip(v6 ? World.Client6 : World.Client, v6 ? World.Vip6 : World.Vip, 6).Tcp(4000, 80, TcpFlags.Syn).Payload(new byte[10]).Build();
            judge.Send(frame);
            _ownerMac.Write(frame);
            own.Write(frame.AsSpan(MacAddress.Bytes));
            Assert.True(judge.Await(seen => seen.AsSpan().SequenceEqual(frame), WaitMs) is not null,
                $"{(v6 ? "IPv6" : "IPv4")}: not sent on; {string.Join(" ", filter.Status().Counters.Where(one => one.Value > 0))}");
            filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine), Holders());
            judge.Send(Question(v6));
            Assert.NotNull(judge.Await(
                seen => NeighbourClaim.Read(seen) is { } claim && claim.Mac == own && MacAddress.Read(seen) == World.ClientMac, WaitMs));
        }
        Assert.Equal((families ?? [false, true]).Length, filter.Status().Counters["forwarded"]);
        AddressAsker asker = Assert.Single(filter.Askers(AddressOf(name, own, v6: families is not null)));
        Assert.Equal(World.ClientMac, asker.Mac);
        filter.Detach();
    }

    private static FilterAddress AddressOf(string name, MacAddress own, bool v6) => Plan(name, own).Addresses[v6 ? 1 : 0];

    private static FilterPlan Plan(string name, MacAddress own) => new(
        World.Seed,
        [new(name)],
        [.. new[] { World.Vip, World.Vip6 }.Select(address =>
            ServedNode.Address(name, address) with { VirtualMac = own, IsDirected = true, Self = Self })],
        [new(0, "web")]);

    private static byte[] Question(bool v6) => v6
        ? WithChecksum(PacketBuilder.Ethernet(MacAddress.Parse("33:33:ff:00:01:00"), World.ClientMac)
            .Ip(World.Client6, System.Net.IPAddress.Parse("ff02::1:ff00:100"), 58, 255).Neighbour(135, World.Vip6, World.ClientMac).Build())
        : PacketBuilder.Ethernet(World.Broadcast, World.ClientMac).Arp(1, World.ClientMac, World.Client, default, World.Vip).Build();

    private static byte[] WithChecksum(byte[] frame)
    {
        IcmpChecksum.Fill(frame);
        return frame;
    }

    private static byte[] Holders()
    {
        byte[] holders = new byte[Limits.RouteHolders * Limits.BucketsPerGroup];
        Array.Fill(holders, SharedLimits.NoNode);
        Array.Fill(holders, (byte)Owner, 0, Limits.BucketsPerGroup);
        return holders;
    }
}
