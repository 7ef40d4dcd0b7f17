using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>The packet table; each row is put to the program in the kernel and to its twin.</summary>
internal static partial class PacketTable
{
    public const byte IcmpProtocol = 1;
    public const byte TcpProtocol = 6;
    public const byte UdpProtocol = 17;
    public const byte Icmpv6Protocol = 58;

    private static readonly Lazy<Dictionary<string, PacketRow>> _rows = new(() =>
        Rules().Concat(Ownership()).Concat(Vlan()).Concat(Icmp()).Concat(IcmpErrors()).Concat(Fragments())
            .Concat(Extensions()).Concat(Malformed()).Concat(Neighbours()).Concat(Neighbours6()).ToDictionary(row => row.Name));

    public static IReadOnlyDictionary<string, PacketRow> All => _rows.Value;

    private static IPAddress VipOf(bool v6) => v6 ? Vip6 : Vip;

    private static IPAddress ClientOf(bool v6) => v6 ? Client6 : Client;

    private static string Family(bool v6) => v6 ? "IPv6" : "IPv4";

    private static PacketBuilder Ip(bool v6, byte protocol) => ToVip().Ip(ClientOf(v6), VipOf(v6), protocol);

    private static byte[] Tcp(bool v6, ushort port = 80, TcpFlags flags = TcpFlags.Syn) =>
        Ip(v6, TcpProtocol).Tcp(4000, port, flags).Build();

    private static byte[] Udp(bool v6, ushort port) => Ip(v6, UdpProtocol).Udp(4000, port).Build();

    private static IEnumerable<PacketRow> Rules()
    {
        foreach (bool v6 in new[] { false, true })
        {
            string f = Family(v6);
            yield return new($"{f} TCP SYN to a port with a rule", Tcp(v6), FilterReason.Taken);
            yield return new($"{f} TCP data to a port with a rule", Tcp(v6, 80, TcpFlags.Ack | TcpFlags.Push), FilterReason.Taken);
            yield return new($"{f} TCP reset", Tcp(v6, 80, TcpFlags.Reset), FilterReason.Taken);
            yield return new($"{f} TCP SYN by port rule", Tcp(v6, 443), FilterReason.Taken);
            yield return new($"{f} TCP to a port without a rule", Tcp(v6, 22), FilterReason.NoRule);
            yield return new($"{f} TCP to the port of a UDP rule", Tcp(v6, 53), FilterReason.NoRule);
            yield return new($"{f} UDP to a port with a rule", Udp(v6, 53), FilterReason.Taken);
            yield return new($"{f} UDP by IP identification", Udp(v6, 5000), FilterReason.Taken);
            yield return new($"{f} UDP to the port of a TCP rule", Udp(v6, 80), FilterReason.NoRule);
            yield return new($"{f} SCTP", Ip(v6, 132).Payload(new byte[32]).Build(), FilterReason.NoRule);
            yield return new($"{f} GRE", Ip(v6, 47).Payload(new byte[32]).Build(), FilterReason.NoRule);
            yield return new($"{f} to the node's own address",
                ToVip().Ip(ClientOf(v6), v6 ? Node6 : Node, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.Other);
            yield return new($"{f} from the virtual address to a client",
                ToVip().Ip(VipOf(v6), ClientOf(v6), TcpProtocol).Tcp(80, 1, TcpFlags.Ack).Build(), FilterReason.Other);
        }
        yield return new("no rule at all: TCP", ToVip().Ip(Client, Bare, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.NoRule);
        yield return new("no rule at all: echo", ToVip().Ip(Client, Bare, IcmpProtocol).Icmp(8).Build(), FilterReason.NoRule);
        yield return new("any port: TCP", ToVip().Ip(Client, Wild, TcpProtocol).Tcp(1, 9999, TcpFlags.Syn).Build(), FilterReason.Taken);
        yield return new("any port: TCP port 0", ToVip().Ip(Client, Wild, TcpProtocol).Tcp(1, 0, TcpFlags.Syn).Build(), FilterReason.Taken);
        yield return new("any port: UDP", ToVip().Ip(Client, Wild, UdpProtocol).Udp(1, 9999).Build(), FilterReason.Taken);
        yield return new("a MAC of another host changes nothing",
            PacketBuilder.Ethernet(ClientMac, ClientMac).Ip(Client, Vip, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.Taken);
        yield return new("a protocol that is not IP", ToVip().Ethertype(0x88cc).Payload(new byte[46]).Build(), FilterReason.Other);
    }

    private static IEnumerable<PacketRow> Ownership()
    {
        const RowFlags MineHolding = RowFlags.Mine | RowFlags.HoldResets;
        foreach (bool v6 in new[] { false, true })
        {
            string f = Family(v6);
            byte[] syn = Tcp(v6), ack = Tcp(v6, 80, TcpFlags.Ack), synAck = Tcp(v6, 80, TcpFlags.Syn | TcpFlags.Ack);
            byte[] udp = Udp(v6, 53);
            yield return new($"{f} another's bucket: SYN", syn, FilterReason.NotMine, RowFlags.None);
            yield return new($"{f} another's bucket: data", ack, FilterReason.NotMine, RowFlags.None);
            yield return new($"{f} another's bucket: UDP", udp, FilterReason.NotMine, RowFlags.None);
            yield return new($"{f} another's bucket, lease ended", syn, FilterReason.NotMine, RowFlags.None, -1);
            yield return new($"{f} lease ended long ago: SYN", syn, FilterReason.LeaseExpired, LeaseMs: -100_000);
            yield return new($"{f} lease ended just now: SYN", syn, FilterReason.LeaseExpired, LeaseMs: -1);
            yield return new($"{f} lease ended: data", ack, FilterReason.LeaseExpired, LeaseMs: -1);
            yield return new($"{f} lease ended: UDP", udp, FilterReason.LeaseExpired, LeaseMs: -1);
            yield return new($"{f} never opened", syn, FilterReason.LeaseExpired, LeaseMs: 0);
            yield return new($"{f} former owner: SYN", syn, FilterReason.NotMine, RowFlags.MayHoldConnections);
            yield return new($"{f} former owner: data of an unknown connection", ack, FilterReason.NotMine, RowFlags.MayHoldConnections);
            yield return new($"{f} former owner: UDP", udp, FilterReason.NotMine, RowFlags.MayHoldConnections);
            yield return new($"{f} new owner: SYN", syn, FilterReason.Taken, MineHolding);
            yield return new($"{f} new owner: data of an unknown connection", ack, FilterReason.ResetHeld, MineHolding);
            yield return new($"{f} new owner: SYN with ACK opens nothing", synAck, FilterReason.ResetHeld, MineHolding);
            yield return new($"{f} new owner: UDP", udp, FilterReason.Taken, MineHolding);
            yield return new($"{f} new owner, lease ended: SYN", syn, FilterReason.LeaseExpired, MineHolding, -1);
            yield return new($"{f} holding back without owning", ack, FilterReason.NotMine, RowFlags.HoldResets);
        }
    }

    private static IEnumerable<PacketRow> Vlan()
    {
        foreach (bool v6 in new[] { false, true })
        {
            string f = Family(v6);
            PacketBuilder Inside(PacketBuilder outside) =>
                outside.Ip(ClientOf(v6), VipOf(v6), TcpProtocol).Tcp(4000, 80, TcpFlags.Syn);
            yield return new($"{f} one VLAN tag", Inside(ToVip().Vlan(7)).Build(), FilterReason.Taken);
            yield return new($"{f} 802.1ad around 802.1Q", Inside(ToVip().Vlan(7, 0x88a8).Vlan(8)).Build(), FilterReason.Taken);
            yield return new($"{f} two VLAN tags, another's bucket", Inside(ToVip().Vlan(7).Vlan(8)).Build(), FilterReason.NotMine, RowFlags.None);
            yield return new($"{f} three VLAN tags are beyond the limit", Inside(ToVip().Vlan(7).Vlan(8).Vlan(9)).Build(), FilterReason.Other);
        }
        yield return new("VLAN tag cut off", ToVip().Vlan(7).Build(16), FilterReason.Other);
    }
}
