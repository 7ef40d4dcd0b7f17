using System.Buffers.Binary;
using SafeKit.Filter;
using SafeKit.Filter.Packets;

namespace SafeKit.Lab.Load;

/// <summary>
/// One TCP segment over IPv4 in an untagged Ethernet frame, as clients that have no kernel of their own write and read it: without options,
/// with at most one byte of payload. Addresses are numbers in host order.
/// </summary>
public readonly record struct TcpSegment(
    uint Source, ushort SourcePort, uint Destination, ushort DestinationPort, uint Sequence, uint Acknowledgement, TcpFlags Flags)
{
    /// <summary>The longest that <see cref="Write"/> makes.</summary>
    public const int BytesMax = TcpOffset + TcpBytes + 1;

    private const int IpOffset = 14;
    private const int IpBytes = 20;
    private const int TcpOffset = IpOffset + IpBytes;
    private const int TcpBytes = 20;
    private const byte Tcp = 6;
    private const ushort Window = 0xffff;

    /// <summary>What the segment carries, if anything. Of a segment that was read: the first byte.</summary>
    public byte? Payload { get; init; }

    /// <summary>Bytes of payload of a segment that was read.</summary>
    public int PayloadBytes { get; init; }

    /// <summary>Writes the frame with its checksums and returns its length.</summary>
    public int Write(Span<byte> frame, MacAddress destination, MacAddress source)
    {
        var length = BytesMax - (Payload is null ? 1 : 0);
        frame[..length].Clear();
        destination.Write(frame);
        source.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x0800);
        WriteIp(frame[IpOffset..], length - IpOffset);
        WriteTcp(frame[TcpOffset..length]);
        return length;
    }

    /// <summary>Reads a frame; false when it is no whole TCP segment over IPv4.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out TcpSegment segment)
    {
        segment = default;
        if (frame.Length < TcpOffset + TcpBytes || frame[12] != 8 || frame[13] != 0 || frame[IpOffset] != 0x45 || frame[IpOffset + 9] != Tcp)
            return false;
        var total = BinaryPrimitives.ReadUInt16BigEndian(frame[(IpOffset + 2)..]);
        var tcp = frame[TcpOffset..];
        var payload = total - IpBytes - (tcp[12] >> 4) * 4;
        if (payload < 0 || IpOffset + total > frame.Length)
            return false;
        segment = new TcpSegment(
            BinaryPrimitives.ReadUInt32BigEndian(frame[(IpOffset + 12)..]),
            BinaryPrimitives.ReadUInt16BigEndian(tcp),
            BinaryPrimitives.ReadUInt32BigEndian(frame[(IpOffset + 16)..]),
            BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]),
            (TcpFlags)tcp[13])
        {
            Payload = payload > 0 ? frame[IpOffset + total - payload] : null,
            PayloadBytes = payload,
        };
        return true;
    }

    private void WriteIp(Span<byte> ip, int total)
    {
        const ushort dontFragment = 0x4000;
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)total);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], dontFragment);
        ip[8] = 64;
        ip[9] = Tcp;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], Source);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], Destination);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Complement(Sum(ip[..IpBytes])));
    }

    private void WriteTcp(Span<byte> tcp)
    {
        BinaryPrimitives.WriteUInt16BigEndian(tcp, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], Acknowledgement);
        tcp[12] = (TcpBytes / 4) << 4;
        tcp[13] = (byte)Flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], Window);
        if (Payload is { } payload)
            tcp[TcpBytes] = payload;
        var pseudo = (Source >> 16) + (Source & 0xffff) + (Destination >> 16) + (Destination & 0xffff) + Tcp + (uint)tcp.Length;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Complement(pseudo + Sum(tcp)));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i + 1 < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return bytes.Length % 2 == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }

    private static ushort Complement(uint sum)
    {
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
