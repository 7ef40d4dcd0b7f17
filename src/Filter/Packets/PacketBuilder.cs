using System.Buffers.Binary;
using System.Net;
using SafeKit.Core;

namespace SafeKit.Filter.Packets;

/// <summary>
/// Builds Ethernet frames layer by layer, from the outside in, for <c>safekit trace</c> and for tests: lengths and the
/// IPv4 header checksum are filled in by <see cref="Build"/>; transport checksums stay 0, the filter does not read them.
/// </summary>
public sealed partial class PacketBuilder
{
    private readonly List<byte> _bytes = [];
    private readonly List<(int Offset, bool IsIpv6)> _networks = [];
    private int _typeOffset;

    private PacketBuilder(MacAddress destination, MacAddress source)
    {
        Append(MacAddress.Bytes, destination.Write);
        Append(MacAddress.Bytes, source.Write);
        _typeOffset = _bytes.Count;
        Append16(0);
    }

    public static PacketBuilder Ethernet(MacAddress destination, MacAddress source) => new(destination, source);

    public PacketBuilder Vlan(ushort id, ushort ethertype = 0x8100)
    {
        Set16(_typeOffset, ethertype);
        Append16(id);
        _typeOffset = _bytes.Count;
        Append16(0);
        return this;
    }

    /// <summary>Bytes as they are.</summary>
    public PacketBuilder Payload(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PacketBuilder Ethertype(ushort type)
    {
        Set16(_typeOffset, type);
        return this;
    }

    /// <summary>The frame; <paramref name="truncateTo"/> cuts it after the lengths were filled in.</summary>
    public byte[] Build(int truncateTo = int.MaxValue)
    {
        foreach ((int offset, bool isIpv6) in _networks)
        {
            if (isIpv6)
                Set16(offset + 4, (ushort)(_bytes.Count - offset - 40));
            else
                FinishIpv4(offset);
        }
        return [.. _bytes.Take(truncateTo)];
    }

    private void FinishIpv4(int offset)
    {
        Set16(offset + 2, (ushort)(_bytes.Count - offset));
        uint sum = 0;
        for (int i = 0; i < (_bytes[offset] & 0xf) * 4; i += 2)
            sum += (uint)(_bytes[offset + i] << 8 | _bytes[offset + i + 1]);
        sum = (sum & 0xffff) + (sum >> 16);
        Set16(offset + 10, (ushort)~((sum & 0xffff) + (sum >> 16)));
    }

    private void AppendAddress(IPAddress address) => _bytes.AddRange(address.GetAddressBytes());

    private void Append16(ushort value) => Append(2, span => BinaryPrimitives.WriteUInt16BigEndian(span, value));

    private void Append32(uint value) => Append(4, span => BinaryPrimitives.WriteUInt32BigEndian(span, value));

    private void Append(int bytes, SpanWriter write)
    {
        Span<byte> span = stackalloc byte[bytes];
        write(span);
        _bytes.AddRange(span);
    }

    private void Set16(int offset, ushort value)
    {
        Invariant.That(offset + 2 <= _bytes.Count, "the field has been appended");
        _bytes[offset] = (byte)(value >> 8);
        _bytes[offset + 1] = (byte)value;
    }

    private delegate void SpanWriter(Span<byte> span);
}
