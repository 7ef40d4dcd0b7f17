using System.Net;

namespace SafeKit.Filter.Tests;

/// <summary>How an address that one node alone has is announced.</summary>
public sealed class AddressAnnouncementTests
{
    private static readonly MacAddress _mac = new(0x5AFE_0A5B_0064);

    [Fact]
    public void GratuitousArpComesFromTheVirtualMac()
    {
        byte[] frame = Frame("10.91.0.100");
        Assert.Equal(new MacAddress(0xFFFF_FFFF_FFFF), MacAddress.Read(frame));
        Assert.Equal(_mac, MacAddress.Read(frame.AsSpan(6)));
        Assert.Equal(new NeighbourClaim(IPAddress.Parse("10.91.0.100"), _mac), NeighbourClaim.Read(frame));
        Assert.Equal(frame[28..32], frame[38..42]);
    }

    [Fact]
    public void TheAdvertisementOverridesWhatIsKnown()
    {
        byte[] frame = Frame("2001:db8::64");
        Assert.Equal(new NeighbourClaim(IPAddress.Parse("2001:db8::64"), _mac), NeighbourClaim.Read(frame));
        Assert.Equal(0x20, frame[14 + 40 + 4]);
        // A checksum that is right sums up, with the pseudo header, to all ones (RFC 1071).
        uint sum = (uint)(frame.Length - 54) + 58;
        for (int i = 22; i < frame.Length; i += 2)
            sum += (uint)(frame[i] << 8 | frame[i + 1]);
        Assert.Equal(0xffffu, (sum & 0xffff) + (sum >> 16));
    }

    private static byte[] Frame(string address) =>
        AddressAnnouncement.Frame(new FilterAddress(IPAddress.Parse(address), "eth0", _mac, []));
}
