using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>ICMP: echo, and errors, which belong to the connection that they speak of.</summary>
public static partial class PacketDecision
{
    private static FilterReason? ParseIcmp(ref ParsedPacket packet, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < packet.TransportOffset + IcmpBytes)
            return FilterReason.Malformed;
        byte type = frame[packet.TransportOffset];
        packet.IsEcho = packet.IsIpv6 ? type is 128 or 129 : type is 0 or 8;
        if (packet.IsEcho)
            return null;
        if (packet.IsIpv6)
            return type is >= 1 and <= 4 ? ParseInnerIpv6(ref packet, frame) : FilterReason.NoRule;
        return type is 3 or 11 or 12 ? ParseInnerIpv4(ref packet, frame) : FilterReason.NoRule;
    }

    private static FilterReason? ParseInnerIpv4(ref ParsedPacket packet, ReadOnlySpan<byte> frame)
    {
        int offset = packet.TransportOffset + IcmpBytes;
        if (frame.Length < offset + Ipv4Bytes || frame[offset] >> 4 != 4 || (frame[offset] & 0xf) < 5)
            return FilterReason.Malformed;
        if (U32(frame, offset + 12) != packet.Address)
            return FilterReason.IcmpForeign;
        packet.Client = U32(frame, offset + 16);
        packet.Protocol = frame[offset + 9];
        packet.IpIdentification = U16(frame, offset + 4);
        packet.IsLaterFragment = (U16(frame, offset + 6) & 0x1fff) != 0;
        packet.TransportOffset = offset + (frame[offset] & 0xf) * 4;
        return ParseInnerTransport(ref packet, frame);
    }

    private static FilterReason? ParseInnerIpv6(ref ParsedPacket packet, ReadOnlySpan<byte> frame)
    {
        int offset = packet.TransportOffset + IcmpBytes;
        if (frame.Length < offset + Ipv6Bytes || frame[offset] >> 4 != 6)
            return FilterReason.Malformed;
        if (Address6(frame, offset + 8) != packet.Address)
            return FilterReason.IcmpForeign;
        packet.Client = Address6(frame, offset + 24);
        packet.Protocol = frame[offset + 6];
        packet.TransportOffset = offset + Ipv6Bytes;
        return FollowExtensions(ref packet, frame, SharedLimits.Ipv6HeadersInnerMax) ?? ParseInnerTransport(ref packet, frame);
    }

    /// <summary>What the address sent: its source is ours and its destination the client.</summary>
    private static FilterReason? ParseInnerTransport(ref ParsedPacket packet, ReadOnlySpan<byte> frame)
    {
        int offset = packet.TransportOffset;
        if (packet.IsLaterFragment || frame.Length < offset + 4)
            return FilterReason.Malformed;
        packet.IsFirstFragment = false;
        if (packet.Protocol is Tcp or Udp)
        {
            packet.Port = U16(frame, offset);
            packet.ClientPort = U16(frame, offset + 2);
        }
        packet.IsEcho = packet.Protocol == (packet.IsIpv6 ? Icmpv6 : Icmp);
        return null;
    }
}
