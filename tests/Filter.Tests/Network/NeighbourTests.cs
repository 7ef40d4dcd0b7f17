using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Network;

/// <summary>ARP and neighbour discovery on a real link, judged by every frame that the server sends.</summary>
public sealed class NeighbourTests
{
    private const int WaitMs = 5_000;
    private const int SilenceMs = 300;
    private static readonly IPAddress _solicitedGroup = IPAddress.Parse("ff02::1:ff00:100");
    private static readonly MacAddress _solicitedMac = MacAddress.Parse("33:33:ff:00:01:00");

    [RootTheory]
    [InlineData(RowFlags.Mine)]
    [InlineData(RowFlags.None)]
    public void ArpIsAnsweredWithTheVirtualMac(RowFlags rows) => WithJudge(rows, judge =>
    {
        judge.Send(PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Client, default, Vip).Build());
        byte[]? reply = judge.Await(frame => IsArp(frame) && frame[21] == 2, WaitMs);
        byte[] expected = PacketBuilder.Ethernet(ClientMac, KernelNode.OwnMac).Arp(2, MacAddress.ForVirtualAddress(Vip), Vip, ClientMac, Client).Build();
        Assert.Equal(expected, reply);
    });

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void SolicitationIsAnsweredWithTheVirtualMac(bool hasOption) => WithJudge(RowFlags.Mine, judge =>
    {
        judge.Send(Checksummed(PacketBuilder.Ethernet(_solicitedMac, ClientMac).Ip(Client6, _solicitedGroup, 58, 255)
            .Neighbour(135, Vip6, hasOption ? ClientMac : null).Build()));
        byte[]? reply = judge.Await(frame => IsAdvertisementOf(frame, Vip6), WaitMs);
        byte[] expected = PacketBuilder.Ethernet(ClientMac, KernelNode.OwnMac).Ip(Vip6, Client6, 58, 255)
            .Neighbour(136, Vip6, MacAddress.ForVirtualAddress(Vip6)).Build();
        expected[14 + 40 + 4] = 0x60;
        Assert.Equal(Checksummed(expected), reply);
    });

    [RootFact]
    public void ProbesAndClaimsAreNotAnsweredAndDoNotReachTheNode() => WithJudge(RowFlags.Mine, judge =>
    {
        judge.Send(PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, IPAddress.Any, default, Vip).Build());
        judge.Send(PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Vip, default, Vip).Build());
        judge.Send(Checksummed(PacketBuilder.Ethernet(_solicitedMac, ClientMac).Ip(IPAddress.IPv6Any, _solicitedGroup, 58, 255)
            .Neighbour(135, Vip6).Build()));
        Assert.Null(judge.Await(frame => IsArp(frame) || IsAdvertisementOf(frame, Vip6), SilenceMs));
        string neighbours = NodeNamespace.Ip("neighbour show");
        Assert.DoesNotContain(Vip.ToString(), neighbours);
    });

    [RootFact]
    public void AnotherInterfaceOfTheSameNetworkDoesNotRevealTheNodesMac() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        // Made after the plan: the interface itself has the kernel's defaults, and no filter.
        NodeNamespace.Ip($"link add eth1 type veth peer name eth1 netns {node.ClientPid}");
        NodeNamespace.Ip("address add 10.1.0.2/24 dev eth1");
        NodeNamespace.Ip("link set eth1 up");
        node.ClientIp("link set eth1 up");
        using var judge = new Judge(node, "eth1");
        judge.Send(PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Client, default, Vip).Build());
        Assert.Null(judge.Await(IsArp, SilenceMs));
        judge.Send(PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Client, default, IPAddress.Parse("10.1.0.2")).Build());
        Assert.NotNull(judge.Await(IsArp, WaitMs));
        filter.Detach();
        // What would have happened: the address is still there for a host without this configuration.
        NodeNamespace.Ip($"address add {Vip}/32 dev lo");
        judge.Send(PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Client, default, Vip).Build());
        Assert.NotNull(judge.Await(IsArp, WaitMs));
    });

    [RootFact]
    public void WithoutIpv6OnTheInterfaceTheGroupIsMissedAndToldSo() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        // Too small for IPv6, which the interface then does not have.
        NodeNamespace.Ip("link set eth0 mtu 1000");
        using PacketFilter filter = ServedNode.Serve(node);
        Assert.Contains($"solicited-node group of {Vip6} not joined", filter.Status().Interfaces[0].Reception);
        NodeNamespace.Ip("link set eth0 mtu 1500");
        filter.Apply(ServedNode.Plan());
        Assert.DoesNotContain("not joined", filter.Status().Interfaces[0].Reception);
        filter.Detach();
    });

    [RootFact]
    public void ARealClientFindsAndReachesTheAddress() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        using var judge = new Judge(node);
        Assert.Null(node.TryClient("ping -c 2 -i 0.1 -W 5 10.1.0.100").Error);
        Assert.Null(node.TryClient("ping -c 2 -i 0.1 -W 5 fd00:1::100").Error);
        string neighbours = node.ClientIp("neighbour show");
        Assert.Contains($"10.1.0.100 dev eth0 lladdr {MacAddress.ForVirtualAddress(Vip)}", neighbours);
        Assert.Contains($"fd00:1::100 dev eth0 lladdr {MacAddress.ForVirtualAddress(Vip6)}", neighbours);
        judge.Await(_ => false, SilenceMs);
        CheckSources(judge);
        filter.Detach();
    });

    private static void WithJudge(RowFlags rows, Action<Judge> test) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node, rows);
        using var judge = new Judge(node);
        test(judge);
        CheckSources(judge);
        filter.Detach();
    });

    /// <summary>A switch that saw the virtual MAC as a source, once, would stop flooding.</summary>
    private static void CheckSources(Judge judge)
    {
        Assert.NotNull(judge.Seen);
        Assert.DoesNotContain(judge.Seen, frame => MacAddress.Read(frame.AsSpan(6)) == MacAddress.ForVirtualAddress(Vip));
        Assert.DoesNotContain(judge.Seen, frame => MacAddress.Read(frame.AsSpan(6)) == MacAddress.ForVirtualAddress(Vip6));
        IEnumerable<byte[]> revealing = judge.Seen.Where(frame => IsArp(frame) && frame.AsSpan(28, 4).SequenceEqual(Vip.GetAddressBytes()));
        Assert.All(revealing, frame => Assert.Equal(MacAddress.ForVirtualAddress(Vip), MacAddress.Read(frame.AsSpan(22))));
    }

    private static bool IsArp(byte[] frame) => frame.Length >= 42 && frame[12] == 8 && frame[13] == 6 && MacAddress.Read(frame.AsSpan(6)) != ClientMac;

    private static bool IsAdvertisementOf(byte[] frame, IPAddress address) =>
        frame.Length >= 78 && frame[12] == 0x86 && frame[20] == 58 && frame[54] == 136 && frame.AsSpan(62, 16).SequenceEqual(address.GetAddressBytes());

    /// <summary>Fills in the ICMPv6 checksum of a frame without extension headers.</summary>
    private static byte[] Checksummed(byte[] frame)
    {
        (frame[56], frame[57]) = (0, 0);
        int icmpBytes = frame.Length - 54;
        uint sum = (uint)icmpBytes + 58;
        for (int i = 22; i < frame.Length; i += 2)
            sum += (uint)(frame[i] << 8 | frame[i + 1]);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
        (frame[56], frame[57]) = ((byte)(sum >> 8), (byte)sum);
        return frame;
    }
}
