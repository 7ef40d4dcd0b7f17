using System.Buffers.Binary;

namespace SafeKit.Filter;

/// <summary>The checksum of an ICMPv6 message in an untagged Ethernet frame without extension headers (RFC 4443 section 2.3).</summary>
internal static class IcmpChecksum
{
    private const int AddressesOffset = 14 + 8;
    private const int MessageOffset = 14 + 40;
    private const int ChecksumOffset = MessageOffset + 2;
    private const int IcmpV6 = 58;

    public static void Fill(Span<byte> frame)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame[ChecksumOffset..], 0);
        // The pseudo header: both addresses, length of the message, protocol.
        uint sum = Sum(frame[AddressesOffset..]) + (uint)(frame.Length - MessageOffset) + IcmpV6;
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame[ChecksumOffset..], (ushort)~sum);
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return bytes.Length % 2 == 0 ? sum : sum + (uint)(bytes[^1] << 8);
    }
}
