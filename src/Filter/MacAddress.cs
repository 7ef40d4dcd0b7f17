using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>An Ethernet address, as a 48-bit number.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Bytes = 6;

    /// <summary>First two bytes of a virtual MAC that is not configured (reference section 6.1): unicast, locally administered.</summary>
    private const ulong VirtualPrefix = 0x5A_FE;

    public bool IsMulticast => (Value >> 40 & 1) != 0;

    public static MacAddress Parse(string text)
    {
        string[] parts = text.Split(':', '-');
        ulong value = 0;
        foreach (string part in parts)
        {
            if (parts.Length != Bytes || part.Length is 0 or > 2 ||
                !byte.TryParse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte octet))
                throw new SafeKitException($"MAC address '{text}': write six bytes in hexadecimal, like 5a:fe:c0:a8:38:14");
            value = value << 8 | octet;
        }
        return new MacAddress(value);
    }

    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>The virtual MAC of an address for which none is configured: 5A:FE and the (last) four bytes of the address.</summary>
    public static MacAddress ForVirtualAddress(IPAddress address)
    {
        Invariant.That(address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, "an IP address");
        ReadOnlySpan<byte> bytes = address.GetAddressBytes();
        return new MacAddress(VirtualPrefix << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[^4..]));
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Write(bytes);
        return string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(pair => new string(pair)));
    }
}
