using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>ICMP: echo and errors.</summary>
internal static partial class PacketTable
{
    private static byte IcmpOf(bool v6) => v6 ? Icmpv6Protocol : IcmpProtocol;

    private static IEnumerable<PacketRow> Icmp()
    {
        foreach (bool v6 in new[] { false, true })
        {
            string f = Family(v6);
            byte[] Echo(byte type) => Ip(v6, IcmpOf(v6)).Icmp(type).Payload(new byte[16]).Build();
            yield return new($"{f} echo request", Echo(v6 ? (byte)128 : (byte)8), FilterReason.Taken);
            yield return new($"{f} echo reply", Echo(v6 ? (byte)129 : (byte)0), FilterReason.Taken);
            yield return new($"{f} echo request, another's bucket", Echo(v6 ? (byte)128 : (byte)8), FilterReason.NotMine, RowFlags.None);
            yield return new($"{f} echo request, lease ended", Echo(v6 ? (byte)128 : (byte)8), FilterReason.LeaseExpired, LeaseMs: -1);
            yield return new($"{f} echo to a former owner", Echo(v6 ? (byte)128 : (byte)8), FilterReason.NotMine, RowFlags.MayHoldConnections);
            yield return new($"{f} other ICMP is denied", Echo(v6 ? (byte)133 : (byte)13), FilterReason.NoRule);
            yield return new($"{f} the other family's ICMP", Ip(v6, IcmpOf(!v6)).Icmp(8).Build(), FilterReason.NoRule);
        }
        yield return new("ICMP redirect is denied", Ip(false, IcmpProtocol).Icmp(5).Payload(new byte[28]).Build(), FilterReason.NoRule);
    }

    private static PacketBuilder Error(bool v6, byte type, IPAddress? from = null) =>
        ToVip().Ip(from ?? (v6 ? Node6 : Node), VipOf(v6), IcmpOf(v6)).Icmp(type);

    private static IEnumerable<PacketRow> IcmpErrors()
    {
        foreach (bool v6 in new[] { false, true })
        {
            string f = Family(v6);
            byte unreachable = v6 ? (byte)1 : (byte)3;
            PacketBuilder About(byte protocol) => Error(v6, unreachable).Ip(VipOf(v6), ClientOf(v6), protocol);
            byte[] tcp = About(TcpProtocol).Tcp(80, 4000, TcpFlags.Ack).Build();
            yield return new($"{f} unreachable about TCP", tcp, FilterReason.Taken);
            yield return new($"{f} unreachable about TCP, another's bucket", tcp, FilterReason.NotMine, RowFlags.None);
            yield return new($"{f} unreachable about TCP, lease ended", tcp, FilterReason.LeaseExpired, LeaseMs: -1);
            yield return new($"{f} unreachable, former owner without the connection", tcp, FilterReason.NotMine, RowFlags.MayHoldConnections);
            yield return new($"{f} unreachable, new owner without the connection", tcp, FilterReason.ResetHeld, RowFlags.Mine | RowFlags.HoldResets);
            yield return new($"{f} unreachable about UDP", About(UdpProtocol).Udp(53, 4000).Build(), FilterReason.Taken);
            yield return new($"{f} unreachable about a port without a rule",
                About(TcpProtocol).Tcp(22, 4000, TcpFlags.Ack).Build(), FilterReason.NoRule);
            yield return new($"{f} unreachable about an echo", About(IcmpOf(v6)).Icmp(0).Build(), FilterReason.Taken);
            yield return new($"{f} unreachable about another protocol", About(132).Payload(new byte[8]).Build(), FilterReason.NoRule);
            yield return new($"{f} unreachable with eight bytes of TCP", About(TcpProtocol).Payload(0, 80, 0x0f, 0xa0, 0, 0, 0, 0).Build(), FilterReason.Taken);
            yield return new($"{f} unreachable with two bytes of TCP", About(TcpProtocol).Payload(0, 80).Build(), FilterReason.Malformed);
            yield return new($"{f} unreachable about what another sent",
                Error(v6, unreachable).Ip(ClientOf(v6), VipOf(v6), TcpProtocol).Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.IcmpForeign);
            yield return new($"{f} unreachable about nothing", Error(v6, unreachable).Build(), FilterReason.Malformed);
            yield return new($"{f} unreachable about the other family",
                Error(v6, unreachable).Ip(VipOf(!v6), ClientOf(!v6), TcpProtocol).Payload(new byte[40]).Build(), FilterReason.Malformed);
            yield return new($"{f} time exceeded", Error(v6, v6 ? (byte)3 : (byte)11).Ip(VipOf(v6), ClientOf(v6), TcpProtocol)
                .Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.Taken);
            yield return new($"{f} parameter problem", Error(v6, v6 ? (byte)4 : (byte)12).Ip(VipOf(v6), ClientOf(v6), TcpProtocol)
                .Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.Taken);
        }
        yield return new("IPv6 packet too big", Error(true, 2).Ip(Vip6, Client6, TcpProtocol).Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.Taken);
        yield return new("IPv6 too big about a first fragment", Error(true, 2).Ip(Vip6, Client6, 44).FragmentHeader(UdpProtocol, 0, true, 9)
            .Udp(53, 4000).Build(), FilterReason.Taken);
        yield return new("IPv6 too big about a later fragment", Error(true, 2).Ip(Vip6, Client6, 44).FragmentHeader(UdpProtocol, 800, true, 9)
            .Payload(new byte[16]).Build(), FilterReason.Malformed);
        yield return new("IPv6 too big, two inner extension headers", Error(true, 2).Ip(Vip6, Client6, 0).Extension(60).Extension(TcpProtocol)
            .Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.Taken);
        yield return new("IPv6 too big, three inner extension headers", Error(true, 2).Ip(Vip6, Client6, 0).Extension(60).Extension(60)
            .Extension(TcpProtocol).Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.HeaderChain);
        yield return new("IPv4 unreachable about a later fragment", Error(false, 3).Ipv4(Vip, Client, UdpProtocol, 9, 100)
            .Payload(new byte[16]).Build(), FilterReason.Malformed);
        yield return new("IPv4 unreachable, inner options", Error(false, 3).Ipv4(Vip, Client, TcpProtocol, optionWords: 10)
            .Tcp(80, 4000, TcpFlags.Ack).Build(), FilterReason.Taken);
    }
}
