using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SafeKit.Lab.Capture;

/// <summary>
/// What the judge wants to know of an Ethernet frame. Addresses are numbers: an IPv4 address is a small one. Fields that
/// a frame does not have are zero.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WireFrame
{
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte IcmpV4 = 1;
    public const byte IcmpV6 = 58;
    public const ushort EtherTypeIPv4 = 0x0800;
    public const ushort EtherTypeArp = 0x0806;
    public const ushort EtherTypeIPv6 = 0x86dd;
    public const byte FlagSyn = 0x02;
    public const byte FlagRst = 0x04;
    public const byte FlagAck = 0x10;

    private const int EthernetBytes = 14;
    private const int IPv6Bytes = 40;

    public ulong SourceMac { get; init; }

    public ulong DestinationMac { get; init; }

    public ushort EtherType { get; init; }

    public UInt128 Source { get; init; }

    public UInt128 Destination { get; init; }

    public byte Protocol { get; init; }

    public ushort SourcePort { get; init; }

    public ushort DestinationPort { get; init; }

    public uint Sequence { get; init; }

    public uint Acknowledgement { get; init; }

    public byte TcpFlags { get; init; }

    /// <summary>MAC address that the frame tells others: ARP's sender, or the option of a neighbour advertisement.</summary>
    public ulong ToldMac { get; init; }

    /// <summary>The address that <see cref="ToldMac"/> is told to belong to.</summary>
    public UInt128 ToldAddress { get; init; }

    /// <summary>Where the payload of a UDP datagram starts in the frame.</summary>
    public int PayloadOffset { get; init; }

    /// <summary>Bytes that a TCP segment carries.</summary>
    public int TcpBytes { get; init; }

    /// <summary>Identifier and number of an echo request or reply, as one number.</summary>
    public uint Echo { get; init; }

    public bool IsEchoRequest { get; init; }

    public bool IsEchoReply { get; init; }

    public bool IsSyn => Protocol == Tcp && (TcpFlags & (FlagSyn | FlagAck)) == FlagSyn;

    public bool IsSynAck => Protocol == Tcp && (TcpFlags & (FlagSyn | FlagAck)) == (FlagSyn | FlagAck);

    public bool IsRst => Protocol == Tcp && (TcpFlags & FlagRst) != 0;

    public bool TellsMac => ToldMac != 0;

    /// <summary>Reads a frame; what is too short to be read is left out.</summary>
    public static WireFrame Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EthernetBytes)
            return default;
        var frame = new WireFrame
        {
            DestinationMac = Mac(bytes),
            SourceMac = Mac(bytes[6..]),
            EtherType = BinaryPrimitives.ReadUInt16BigEndian(bytes[12..]),
        };
        return frame.EtherType switch
        {
            EtherTypeArp => frame.WithArp(bytes[EthernetBytes..]),
            EtherTypeIPv4 => frame.WithIPv4(bytes),
            EtherTypeIPv6 => frame.WithIPv6(bytes),
            _ => frame,
        };
    }

    public static ulong Mac(ReadOnlySpan<byte> bytes) =>
        (ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);

    public static ulong Mac(string text) => Convert.ToUInt64(text.Replace(":", ""), 16);

    private WireFrame WithArp(ReadOnlySpan<byte> arp) => arp.Length < 28
        ? this
        : this with { ToldMac = Mac(arp[8..]), ToldAddress = BinaryPrimitives.ReadUInt32BigEndian(arp[14..]) };

    private WireFrame WithIPv4(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EthernetBytes + 20)
            return this;
        var ip = bytes[EthernetBytes..];
        var isLaterFragment = (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x1fff) != 0;
        var frame = this with
        {
            Source = BinaryPrimitives.ReadUInt32BigEndian(ip[12..]),
            Destination = BinaryPrimitives.ReadUInt32BigEndian(ip[16..]),
            Protocol = ip[9],
        };
        if (isLaterFragment)
            return frame;
        var header = EthernetBytes + (ip[0] & 15) * 4;
        if (frame.Protocol == IcmpV4)
            return header <= bytes.Length ? frame.WithEcho(bytes[header..], request: 8, reply: 0) : frame;
        return frame.WithTransport(bytes, header, EthernetBytes + BinaryPrimitives.ReadUInt16BigEndian(ip[2..]));
    }

    private WireFrame WithIPv6(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EthernetBytes + IPv6Bytes)
            return this;
        var ip = bytes[EthernetBytes..];
        var frame = this with
        {
            Source = BinaryPrimitives.ReadUInt128BigEndian(ip[8..]),
            Destination = BinaryPrimitives.ReadUInt128BigEndian(ip[24..]),
            Protocol = ip[6],
        };
        return frame.Protocol == IcmpV6
            ? frame.WithAdvertisement(ip[IPv6Bytes..]).WithEcho(ip[IPv6Bytes..], request: 128, reply: 129)
            : frame.WithTransport(
                bytes, EthernetBytes + IPv6Bytes, EthernetBytes + IPv6Bytes + BinaryPrimitives.ReadUInt16BigEndian(ip[4..]));
    }

    private WireFrame WithEcho(ReadOnlySpan<byte> icmp, byte request, byte reply)
    {
        if (icmp.Length < 8 || (icmp[0] != request && icmp[0] != reply))
            return this;
        return this with
        {
            Echo = BinaryPrimitives.ReadUInt32BigEndian(icmp[4..]),
            IsEchoRequest = icmp[0] == request,
            IsEchoReply = icmp[0] == reply,
        };
    }

    // Neighbour advertisement (136): target at 8, then options of type, length in units of 8 bytes, content.
    private WireFrame WithAdvertisement(ReadOnlySpan<byte> icmp)
    {
        if (icmp.Length < 32 || icmp[0] != 136 || icmp[24] != 2)
            return this;
        return this with { ToldMac = Mac(icmp[26..]), ToldAddress = BinaryPrimitives.ReadUInt128BigEndian(icmp[8..]) };
    }

    // The end is the IP header's word: short frames are padded.
    private WireFrame WithTransport(ReadOnlySpan<byte> bytes, int offset, int end)
    {
        var transport = offset <= bytes.Length ? bytes[offset..] : default;
        if (transport.Length < 8 || Protocol is not (Tcp or Udp))
            return this;
        var frame = this with
        {
            SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport),
            DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]),
            PayloadOffset = offset + 8,
        };
        if (Protocol == Udp || transport.Length < 20)
            return frame;
        return frame with
        {
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]),
            Acknowledgement = BinaryPrimitives.ReadUInt32BigEndian(transport[8..]),
            TcpFlags = transport[13],
            TcpBytes = Math.Max(0, end - offset - (transport[12] >> 4) * 4),
        };
    }
}
