using System.Buffers.Binary;
using System.Net;

namespace SafeKit.Filter;

/// <summary>A frame in which a machine says "this address is mine": an ARP packet or a neighbour advertisement.</summary>
internal readonly record struct NeighbourClaim(IPAddress Address, MacAddress Mac)
{
    private const ushort Arp = 0x0806;
    private const ushort Ipv6 = 0x86dd;
    private const int ArpBytes = 14 + 28;
    private const int AdvertisementBytes = 14 + 40 + 24;
    private const byte IcmpV6 = 58;
    private const byte NeighbourAdvertisement = 136;

    /// <returns>null for any other frame.</returns>
    public static NeighbourClaim? Read(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < ArpBytes)
            return null;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        if (type == Arp)
            return new NeighbourClaim(new IPAddress(frame.Slice(28, 4)), MacAddress.Read(frame[22..]));
        bool advertises = type == Ipv6 && frame.Length >= AdvertisementBytes && frame[20] == IcmpV6 && frame[54] == NeighbourAdvertisement;
        // Without the option the advertiser's MAC is the frame's source.
        return advertises
            ? new NeighbourClaim(new IPAddress(frame.Slice(62, 16)), MacAddress.Read(OptionOrSource(frame)))
            : null;
    }

    private static ReadOnlySpan<byte> OptionOrSource(ReadOnlySpan<byte> frame)
    {
        bool hasOption = frame.Length >= AdvertisementBytes + 8 && frame[AdvertisementBytes] == 2;
        return hasOption ? frame.Slice(AdvertisementBytes + 2, MacAddress.Bytes) : frame.Slice(6, MacAddress.Bytes);
    }
}
