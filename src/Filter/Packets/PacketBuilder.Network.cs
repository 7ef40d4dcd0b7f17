using System.Net;
using System.Net.Sockets;

namespace SafeKit.Filter.Packets;

/// <summary>ARP, IPv4, IPv6 and its extension headers.</summary>
public sealed partial class PacketBuilder
{
    private const byte HopLimit = 64;

    public PacketBuilder Arp(ushort operation, MacAddress senderMac, IPAddress sender, MacAddress targetMac, IPAddress target)
    {
        Set16(_typeOffset, 0x0806);
        Append16(1);
        Append16(0x0800);
        Payload(MacAddress.Bytes, 4);
        Append16(operation);
        Append(MacAddress.Bytes, senderMac.Write);
        AppendAddress(sender);
        Append(MacAddress.Bytes, targetMac.Write);
        AppendAddress(target);
        return this;
    }

    /// <summary>IPv4 or IPv6, as the addresses are.</summary>
    public PacketBuilder Ip(IPAddress source, IPAddress destination, byte protocol, byte hopLimit = HopLimit) =>
        source.AddressFamily == AddressFamily.InterNetworkV6
            ? Ipv6(source, destination, protocol, hopLimit)
            : Ipv4(source, destination, protocol, hopLimit: hopLimit);

    /// <param name="source">Source.</param>
    /// <param name="destination">Destination.</param>
    /// <param name="protocol">Protocol of the payload.</param>
    /// <param name="identification">Identification.</param>
    /// <param name="fragment">Flags and fragment offset: 0x2000 is "more fragments", the low 13 bits count units of 8 bytes.</param>
    /// <param name="hopLimit">Time to live.</param>
    /// <param name="optionWords">Options of that many 32-bit words, filled with "no operation".</param>
    public PacketBuilder Ipv4(
        IPAddress source,
        IPAddress destination,
        byte protocol,
        ushort identification = 0,
        ushort fragment = 0,
        byte hopLimit = HopLimit,
        int optionWords = 0)
    {
        StartNetwork(0x0800, isIpv6: false);
        Payload((byte)(0x45 + optionWords), 0);
        Append16(0);
        Append16(identification);
        Append16(fragment);
        Payload(hopLimit, protocol);
        Append16(0);
        AppendAddress(source);
        AppendAddress(destination);
        for (int i = 0; i < optionWords; i++)
            Payload(1, 1, 1, 1);
        return this;
    }

    public PacketBuilder Ipv6(IPAddress source, IPAddress destination, byte next, byte hopLimit = HopLimit)
    {
        StartNetwork(0x86dd, isIpv6: true);
        Append32(0x6000_0000);
        Append16(0);
        Payload(next, hopLimit);
        AppendAddress(source);
        AppendAddress(destination);
        return this;
    }

    /// <summary>Hop-by-hop, routing or destination options of <c>8 * (units + 1)</c> bytes.</summary>
    public PacketBuilder Extension(byte next, byte units = 0)
    {
        Payload(next, units);
        for (int i = 2; i < 8 * (units + 1); i++)
            Payload(0);
        return this;
    }

    /// <param name="next">Protocol that follows.</param>
    /// <param name="offsetBytes">A multiple of 8.</param>
    /// <param name="hasMore">More fragments follow.</param>
    /// <param name="identification">Identification.</param>
    public PacketBuilder FragmentHeader(byte next, int offsetBytes, bool hasMore, uint identification)
    {
        Payload(next, 0);
        Append16((ushort)(offsetBytes & 0xfff8 | (hasMore ? 1 : 0)));
        Append32(identification);
        return this;
    }

    /// <summary>An IP header inside an ICMP error is no network layer of the frame's.</summary>
    private void StartNetwork(ushort ethertype, bool isIpv6)
    {
        if (_networks.Count == 0)
            Set16(_typeOffset, ethertype);
        _networks.Add((_bytes.Count, isIpv6));
    }
}
