using SafeKit.Core;
using SafeKit.Filter.Packets;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>Fragments, options, extension headers, and what is none of these.</summary>
internal static partial class PacketTable
{
    private const ushort More = 0x2000;

    private static byte[] First4(ushort id) =>
        ToVip().Ipv4(Client, Vip, UdpProtocol, id, More).Udp(4000, 53, 64).Build();

    private static byte[] Later4(ushort id) =>
        ToVip().Ipv4(Client, Vip, UdpProtocol, id, 9).Payload(new byte[64]).Build();

    private static byte[] First6(uint id) =>
        ToVip().Ip(Client6, Vip6, 44).FragmentHeader(UdpProtocol, 0, true, id).Udp(4000, 53, 64).Build();

    private static byte[] Later6(uint id) =>
        ToVip().Ip(Client6, Vip6, 44).FragmentHeader(UdpProtocol, 72, false, id).Payload(new byte[64]).Build();

    private static IEnumerable<PacketRow> Fragments()
    {
        yield return new("IPv4 first fragment", First4(1), FilterReason.Taken);
        yield return new("IPv4 later fragment follows", Later4(2), FilterReason.TakenFragment, Before: [First4(2)]);
        yield return new("IPv4 later fragment alone", Later4(3), FilterReason.FragmentUnknown);
        yield return new("IPv4 later fragment of another datagram", Later4(5), FilterReason.FragmentUnknown, Before: [First4(4)]);
        yield return new("IPv4 later fragment, another's bucket", Later4(6), FilterReason.FragmentDropped, RowFlags.None, Before: [First4(6)]);
        yield return new("IPv4 later fragment, first without a rule", ToVip().Ipv4(Client, Vip, UdpProtocol, 7, 9).Payload(new byte[8]).Build(),
            FilterReason.FragmentUnknown, Before: [ToVip().Ipv4(Client, Vip, UdpProtocol, 7, More).Udp(1, 9, 64).Build()]);
        yield return new("IPv4 later fragment of another protocol", ToVip().Ipv4(Client, Vip, TcpProtocol, 8, 9).Payload(new byte[8]).Build(),
            FilterReason.FragmentUnknown, Before: [First4(8)]);
        yield return new("IPv4 later fragment, lease ended", Later4(10), FilterReason.FragmentDropped, LeaseMs: -1, Before: [First4(10)]);
        yield return new("IPv4 first fragment too short for its header",
            ToVip().Ipv4(Client, Vip, TcpProtocol, 11, More).Payload(new byte[8]).Build(), FilterReason.Malformed);
        yield return new("IPv4 last fragment of three", ToVip().Ipv4(Client, Vip, UdpProtocol, 12, 90).Payload(new byte[8]).Build(),
            FilterReason.TakenFragment, Before: [First4(12), Later4(12)]);
        yield return new("IPv6 first fragment", First6(0x10001), FilterReason.Taken);
        yield return new("IPv6 later fragment follows", Later6(0x10002), FilterReason.TakenFragment, Before: [First6(0x10002)]);
        yield return new("IPv6 later fragment alone", Later6(0x10003), FilterReason.FragmentUnknown);
        yield return new("IPv6 later fragment, another's bucket", Later6(0x10004), FilterReason.FragmentDropped, RowFlags.None, Before: [First6(0x10004)]);
        yield return new("IPv6 later fragment, identification beyond 16 bits", Later6(0x10005), FilterReason.FragmentUnknown, Before: [First6(5)]);
        yield return new("IPv6 atomic fragment is whole",
            ToVip().Ip(Client6, Vip6, 44).FragmentHeader(TcpProtocol, 0, false, 6).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.Taken);
        yield return new("IPv6 later fragment after options in the first", ToVip().Ip(Client6, Vip6, 44).FragmentHeader(60, 80, false, 0x10007)
            .Payload(new byte[8]).Build(), FilterReason.TakenFragment, Before: [ToVip().Ip(Client6, Vip6, 44)
            .FragmentHeader(60, 0, true, 0x10007).Extension(UdpProtocol).Udp(4000, 53, 64).Build()]);
    }

    private static IEnumerable<PacketRow> Extensions()
    {
        yield return new("IPv4 options", ToVip().Ipv4(Client, Vip, TcpProtocol, optionWords: 10).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.Taken);
        yield return new("IPv6 hop-by-hop", ToVip().Ip(Client6, Vip6, 0).Extension(TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.Taken);
        yield return new("IPv6 long options", ToVip().Ip(Client6, Vip6, 60).Extension(UdpProtocol, 30).Udp(1, 53).Build(), FilterReason.Taken);
        foreach (int count in new[] { 2, 4, 6, 7, 8 })
        {
            PacketBuilder builder = ToVip().Ip(Client6, Vip6, 0);
            for (int i = 1; i < count; i++)
                builder.Extension(60);
            FilterReason expected = count <= 6 ? FilterReason.Taken : FilterReason.HeaderChain;
            yield return new($"IPv6 {count} extension headers", builder.Extension(TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(), expected);
        }
        yield return new("IPv6 routing header, another's bucket",
            ToVip().Ip(Client6, Vip6, 43).Extension(TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(), FilterReason.NotMine, RowFlags.None);
        yield return new("IPv6 no next header", ToVip().Ip(Client6, Vip6, 59).Payload(new byte[8]).Build(), FilterReason.NoRule);
        yield return new("IPv6 options, then ESP", ToVip().Ip(Client6, Vip6, 60).Extension(50).Payload(new byte[16]).Build(), FilterReason.NoRule);
        yield return new("IPv6 options longer than the frame", ToVip().Ip(Client6, Vip6, 60).Payload(TcpProtocol, 200, 0, 0, 0, 0, 0, 0)
            .Payload(new byte[24]).Build(), FilterReason.Malformed);
        yield return new("IPv6 extension header cut off", ToVip().Ip(Client6, Vip6, 0).Payload(TcpProtocol, 0, 0, 0).Build(), FilterReason.Malformed);
    }

    private static IEnumerable<PacketRow> Malformed()
    {
        foreach (bool v6 in new[] { false, true })
        {
            string f = Family(v6);
            int header = v6 ? 54 : 34;
            yield return new($"{f} header cut off", Ip(v6, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(header - 1), FilterReason.Other);
            yield return new($"{f} nothing after the header", Ip(v6, TcpProtocol).Build(), FilterReason.Malformed);
            yield return new($"{f} TCP header cut off", Ip(v6, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(header + 19), FilterReason.Malformed);
            yield return new($"{f} TCP header shorter than it must be", Ip(v6, TcpProtocol).Payload(new byte[19]).Build(), FilterReason.Malformed);
            yield return new($"{f} UDP header cut off", Ip(v6, UdpProtocol).Udp(1, 53).Build(header + 7), FilterReason.Malformed);
            yield return new($"{f} ICMP header cut off", Ip(v6, IcmpOf(v6)).Icmp(8).Build(header + 7), FilterReason.Malformed);
            yield return new($"{f} padding is no header", [.. Ip(v6, TcpProtocol).Payload(0, 1, 0, 80).Build(), .. new byte[40]], FilterReason.Malformed);
            yield return new($"{f} wrong version", Patch(Tcp(v6), 14, 0x55), FilterReason.Malformed);
            yield return new($"{f} ethertype of the other family", Patch(Tcp(v6), 12, v6 ? (byte)0x08 : (byte)0x86, v6 ? (byte)0x00 : (byte)0xdd), FilterReason.Other);
        }
        yield return new("IPv4 header length below the least", Patch(Tcp(false), 14, 0x44), FilterReason.Malformed);
        yield return new("IPv4 header length beyond the frame", Patch(Tcp(false), 14, 0x4f), FilterReason.Malformed);
        yield return new("IPv4 total length below the header", Patch(Tcp(false), 16, 0, 10), FilterReason.Malformed);
        yield return new("IPv4 total length 0", Patch(Tcp(false), 16, 0, 0), FilterReason.Malformed);
        yield return new("IPv6 payload length 0", Patch(Tcp(true), 18, 0, 0), FilterReason.Malformed);
        yield return new("Ethernet header alone", ToVip().Ethertype(0x0800).Build(), FilterReason.Other);
    }

    private static byte[] Patch(byte[] frame, int offset, params byte[] bytes)
    {
        bytes.CopyTo(frame, offset);
        return frame;
    }
}
