using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Packets;

namespace SafeKit.Filter;

/// <summary>
/// Tells the network where a virtual address is that one node alone answers for: gratuitous ARP (RFC 5227 section 3) and unsolicited
/// neighbour advertisements (RFC 4861 section 7.2.6), sent from the announced MAC itself, so that the switches learn its port and need not
/// flood. Never for an address in vmac_invisible that several nodes share: there the flooding is what brings the packets to all. In
/// vmac_directed the announced MAC is the interface's own.
/// </summary>
public static class AddressAnnouncement
{
    private const ushort ArpRequest = 1;
    private const byte NeighbourAdvertisement = 136;
    private const byte IcmpV6 = 58;
    private const byte HopLimitOnLink = 255;

    /// <summary>Flags of an advertisement: override what is known (RFC 4861 section 4.4).</summary>
    private const byte Override = 0x20;
    private const int FlagsOffset = 14 + 40 + 4;
    private static readonly MacAddress _broadcast = new(0xFFFF_FFFF_FFFF);
    private static readonly MacAddress _allNodesMac = new(0x3333_0000_0001);
    private static readonly IPAddress _allNodes = IPAddress.Parse("ff02::1");

    /// <summary>One frame for each address, on its interface.</summary>
    /// <exception cref="SafeKitException">An interface does not exist, or nothing can be sent on it.</exception>
    public static void Send(IReadOnlyList<FilterAddress> addresses)
    {
        IReadOnlyList<NodeInterface> interfaces = NodeInterface.ReadAll();
        foreach (IGrouping<string, FilterAddress> group in addresses.GroupBy(address => address.Interface))
        {
            NodeInterface device = NodeInterface.Require(interfaces, group.Key);
            try
            {
                using var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)0);
                var endPoint = new PacketEndPoint(device.Index);
                foreach (FilterAddress address in group)
                    socket.SendTo(Frame(address), endPoint);
            }
            catch (SocketException e)
            {
                throw new SafeKitException($"interface {device.Name}: the virtual address cannot be announced: {e.Message}", e);
            }
        }
    }

    /// <summary>Tells single clients only, each at its own MAC.</summary>
    /// <exception cref="SafeKitException">The interface does not exist or is down.</exception>
    public static void Tell(FilterAddress address, IEnumerable<AddressAsker> clients)
    {
        NodeInterface device = NodeInterface.Require(NodeInterface.ReadAll(), address.Interface);
        try
        {
            using var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)0);
            var endPoint = new PacketEndPoint(device.Index);
            foreach (AddressAsker client in clients)
                socket.SendTo(Frame(address, client.Mac, client.Client), endPoint);
        }
        catch (SocketException e)
        {
            throw new SafeKitException($"interface {device.Name}: clients cannot be told of the virtual address: {e.Message}", e);
        }
    }

    internal static byte[] Frame(FilterAddress address) =>
        Frame(address, address.Address.AddressFamily == AddressFamily.InterNetwork ? _broadcast : _allNodesMac, _allNodes);

    /// <param name="address">What is announced.</param>
    /// <param name="toMac">Whom the frame is for.</param>
    /// <param name="to">IPv6 only: whom the packet is for.</param>
    private static byte[] Frame(FilterAddress address, MacAddress toMac, IPAddress to)
    {
        MacAddress mac = address.VirtualMac;
        if (address.Address.AddressFamily == AddressFamily.InterNetwork)
            return PacketBuilder.Ethernet(toMac, mac).Arp(ArpRequest, mac, address.Address, default, address.Address).Build();
        byte[] frame = PacketBuilder.Ethernet(toMac, mac)
            .Ipv6(address.Address, to, IcmpV6, HopLimitOnLink)
            .Neighbour(NeighbourAdvertisement, address.Address, mac)
            .Build();
        frame[FlagsOffset] = Override;
        IcmpChecksum.Fill(frame);
        return frame;
    }
}
