using System.Buffers.Binary;

namespace SafeKit.Filter;

/// <summary>The checksum over a message and the pseudo header of its packet (RFC 1071; RFC 9293 section 3.1, RFC 4443 section 2.3).</summary>
internal static class InternetChecksum
{
    private const int EthernetBytes = 14;
    private const int Ipv6AddressesOffset = 8;
    private const int Ipv6Bytes = 40;
    private const byte IcmpV6 = 58;

    /// <summary>Of an ICMPv6 message in an untagged Ethernet frame without extension headers.</summary>
    public static void FillIcmpV6(Span<byte> frame) =>
        Fill(frame[(EthernetBytes + Ipv6Bytes)..], 2, frame[(EthernetBytes + Ipv6AddressesOffset)..(EthernetBytes + Ipv6Bytes)], IcmpV6);

    /// <param name="message">From its own header to the end.</param>
    /// <param name="checksumOffset">Of the checksum in it.</param>
    /// <param name="addresses">Source and destination, as they stand in the packet.</param>
    /// <param name="protocol">Of the message.</param>
    public static void Fill(Span<byte> message, int checksumOffset, ReadOnlySpan<byte> addresses, byte protocol)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[checksumOffset..], 0);
        uint sum = Sum(addresses) + Sum(message) + (uint)message.Length + protocol;
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(message[checksumOffset..], (ushort)~sum);
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return bytes.Length % 2 == 0 ? sum : sum + (uint)(bytes[^1] << 8);
    }
}
