using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>IP and transport headers. A reason ends the search, null goes on.</summary>
public static partial class PacketDecision
{
    private const byte HopByHop = 0;
    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Routing = 43;
    private const byte Fragment = 44;
    private const byte Icmpv6 = 58;
    private const byte DestinationOptions = 60;
    private const int Ipv4Bytes = 20;
    private const int Ipv6Bytes = 40;
    private const int ExtensionBytes = 8;
    private const int TcpBytes = 20;
    private const int UdpBytes = 8;
    private const int IcmpBytes = 8;

    private static FilterReason? ParseIpv4(ref ParsedPacket packet, ReadOnlySpan<byte> frame, int offset)
    {
        int headerBytes = (frame[offset] & 0xf) * 4;
        int totalBytes = U16(frame, offset + 2);
        if (frame[offset] >> 4 != 4 || headerBytes < Ipv4Bytes || totalBytes < headerBytes)
            return FilterReason.Malformed;
        packet.Client = U32(frame, offset + 12);
        packet.Protocol = frame[offset + 9];
        packet.IpIdentification = U16(frame, offset + 4);
        packet.FragmentIdentification = packet.IpIdentification;
        packet.TransportOffset = offset + headerBytes;
        packet.PayloadBytes = totalBytes - headerBytes;
        ushort fragment = U16(frame, offset + 6);
        packet.IsLaterFragment = (fragment & 0x1fff) != 0;
        packet.IsFirstFragment = !packet.IsLaterFragment && (fragment & 0x2000) != 0;
        return packet.IsLaterFragment ? null : ParseTransport(ref packet, frame);
    }

    private static FilterReason? ParseIpv6(ref ParsedPacket packet, ReadOnlySpan<byte> frame, int offset)
    {
        if (frame[offset] >> 4 != 6)
            return FilterReason.Malformed;
        packet.Client = Address6(frame, offset + 8);
        packet.Protocol = frame[offset + 6];
        packet.TransportOffset = offset + Ipv6Bytes;
        packet.PayloadBytes = U16(frame, offset + 4);
        if (FollowExtensions(ref packet, frame, SharedLimits.Ipv6HeadersMax) is { } stop)
            return stop;
        if (packet.IsLaterFragment)
            return null;
        packet.PayloadBytes -= packet.TransportOffset - offset - Ipv6Bytes;
        return ParseTransport(ref packet, frame);
    }

    private static FilterReason? FollowExtensions(ref ParsedPacket packet, ReadOnlySpan<byte> frame, int headersMax)
    {
        for (int i = 0; i <= headersMax; i++)
        {
            byte kind = packet.Protocol;
            int offset = packet.TransportOffset;
            if (kind is not (HopByHop or Routing or DestinationOptions or Fragment))
                return null;
            if (frame.Length < offset + ExtensionBytes)
                return FilterReason.Malformed;
            packet.Protocol = frame[offset];
            if (kind != Fragment)
            {
                packet.TransportOffset += (frame[offset + 1] + 1) * ExtensionBytes;
                continue;
            }
            packet.TransportOffset += ExtensionBytes;
            packet.FragmentIdentification = U32(frame, offset + 4);
            ushort position = U16(frame, offset + 2);
            packet.IsLaterFragment = (position & 0xfff8) != 0;
            if (packet.IsLaterFragment)
                return null;
            packet.IsFirstFragment |= (position & 1) != 0;
        }
        return FilterReason.HeaderChain;
    }

    private static FilterReason? ParseTransport(ref ParsedPacket packet, ReadOnlySpan<byte> frame)
    {
        int bytesMin = packet.Protocol == Tcp ? TcpBytes : UdpBytes;
        if (packet.PayloadBytes < bytesMin)
            return FilterReason.Malformed;
        if (packet.Protocol == (packet.IsIpv6 ? Icmpv6 : Icmp))
            return ParseIcmp(ref packet, frame);
        if (packet.Protocol is not (Tcp or Udp))
            return FilterReason.NoRule;
        int offset = packet.TransportOffset;
        if (frame.Length < offset + bytesMin)
            return FilterReason.Malformed;
        packet.ClientPort = U16(frame, offset);
        packet.Port = U16(frame, offset + 2);
        packet.Opens = packet.Protocol == Tcp && (frame[offset + 13] & 0x12) == 0x02;
        return null;
    }
}
