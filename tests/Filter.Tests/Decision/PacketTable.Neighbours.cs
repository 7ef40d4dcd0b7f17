using System.Net;
using SafeKit.Filter.Packets;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>ARP and neighbour discovery.</summary>
internal static partial class PacketTable
{
    private const ushort Request = 1;
    private const ushort Reply = 2;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;

    private static readonly IPAddress _nobody = IPAddress.Any;

    private static byte[] Arp(ushort operation, IPAddress sender, IPAddress target) =>
        PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(operation, ClientMac, sender, default, target).Build();

    private static byte[] Neighbour(byte type, IPAddress source, IPAddress target, byte hopLimit = 255, byte code = 0, IPAddress? to = null) =>
        ToVip().Ip(source, to ?? IPAddress.Parse("ff02::1:ff00:100"), Icmpv6Protocol, hopLimit).Neighbour(type, target, ClientMac, code).Build();

    private static IEnumerable<PacketRow> Neighbours()
    {
        yield return new("ARP who has the address", Arp(Request, Client, Vip), FilterReason.NeighbourQuery);
        yield return new("ARP who has the address, nothing is mine", Arp(Request, Client, Vip), FilterReason.NeighbourQuery, 0, 0);
        yield return new("ARP in a VLAN",
            PacketBuilder.Ethernet(Broadcast, ClientMac).Vlan(7).Arp(Request, ClientMac, Client, default, Vip).Build(), FilterReason.NeighbourQuery);
        yield return new("ARP who has the node", Arp(Request, Client, Node), FilterReason.Other);
        yield return new("ARP probe for the address", Arp(Request, _nobody, Vip), FilterReason.NeighbourProbe);
        yield return new("ARP announcement of the address", Arp(Request, Vip, Vip), FilterReason.NeighbourClaim);
        yield return new("gratuitous ARP reply for the address", Arp(Reply, Vip, Vip), FilterReason.NeighbourClaim);
        yield return new("ARP reply: I have the address", Arp(Reply, Vip, Client), FilterReason.NeighbourClaim);
        yield return new("ARP request sent as the address", Arp(Request, Vip, Client), FilterReason.NeighbourClaim);
        yield return new("ARP reply to the address", Arp(Reply, Client, Vip), FilterReason.Other);
        yield return new("ARP for an address of another interface", Arp(Request, Client, Elsewhere), FilterReason.NeighbourElsewhere);
        yield return new("ARP cut off", Arp(Request, Client, Vip)[..41], FilterReason.Other);
        yield return new("ARP of another protocol", Patch(Arp(Request, Client, Vip), 16, 0x86, 0xdd), FilterReason.Other);
        yield return new("ARP with long hardware addresses", Patch(Arp(Request, Client, Vip), 18, 8), FilterReason.Other);
    }

    private static IEnumerable<PacketRow> Neighbours6()
    {
        yield return new("solicitation for the address", Neighbour(Solicitation, Client6, Vip6), FilterReason.NeighbourQuery);
        yield return new("solicitation to the address itself", Neighbour(Solicitation, Client6, Vip6, to: Vip6), FilterReason.NeighbourQuery);
        yield return new("solicitation without option",
            ToVip().Ip(Client6, Vip6, Icmpv6Protocol, 255).Neighbour(Solicitation, Vip6).Build(), FilterReason.NeighbourQuery);
        yield return new("solicitation for the node", Neighbour(Solicitation, Client6, Node6), FilterReason.Other);
        yield return new("duplicate address detection", Neighbour(Solicitation, IPAddress.IPv6Any, Vip6), FilterReason.NeighbourProbe);
        yield return new("solicitation through a router", Neighbour(Solicitation, Client6, Vip6, 64), FilterReason.Malformed);
        yield return new("solicitation with a code", Neighbour(Solicitation, Client6, Vip6, code: 1), FilterReason.Malformed);
        yield return new("advertisement of the address by another", Neighbour(Advertisement, Client6, Vip6), FilterReason.NeighbourClaim);
        yield return new("advertisement of another address", Neighbour(Advertisement, Client6, Client6), FilterReason.Other);
        yield return new("advertisement to the address", Neighbour(Advertisement, Client6, Client6, to: Vip6), FilterReason.NoRule);
        yield return new("solicitation for an address of another interface", Neighbour(Solicitation, Client6, Elsewhere6), FilterReason.NeighbourElsewhere);
        yield return new("solicitation cut off", Neighbour(Solicitation, Client6, Vip6)[..77], FilterReason.Other);
    }
}
