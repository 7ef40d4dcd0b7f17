using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>
/// Frozen vectors. All nodes of a cluster must hash alike, also while they run different versions: if one of these fails,
/// the change is wrong, not the vector.
/// </summary>
public sealed class FilterHashTests
{
    public static TheoryData<ulong, string, ushort, HashInput, ushort, uint> Vectors() => new()
    {
        { 0x0, "10.1.0.7", 40000, HashInput.Address, 513, 1294 },
        { 0x0, "10.1.0.7", 40000, HashInput.AddressAndPort, 513, 1518 },
        { 0x0, "10.1.0.7", 40000, HashInput.IpIdentification, 513, 649 },
        { 0x0, "192.0.2.255", 40000, HashInput.Address, 513, 2594 },
        { 0x0, "192.0.2.255", 40000, HashInput.AddressAndPort, 513, 864 },
        { 0x0, "192.0.2.255", 40000, HashInput.IpIdentification, 513, 421 },
        { 0x0, "fd00:1::7", 40000, HashInput.Address, 513, 1981 },
        { 0x0, "fd00:1::7", 40000, HashInput.AddressAndPort, 513, 301 },
        { 0x0, "fd00:1::7", 40000, HashInput.IpIdentification, 513, 1981 },
        { 0x0, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.Address, 513, 4004 },
        { 0x0, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.AddressAndPort, 513, 1771 },
        { 0x0, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.IpIdentification, 513, 4004 },
        { 0x1, "10.1.0.7", 40000, HashInput.Address, 513, 277 },
        { 0x1, "10.1.0.7", 40000, HashInput.AddressAndPort, 513, 1479 },
        { 0x1, "10.1.0.7", 40000, HashInput.IpIdentification, 513, 2642 },
        { 0x1, "192.0.2.255", 40000, HashInput.Address, 513, 114 },
        { 0x1, "192.0.2.255", 40000, HashInput.AddressAndPort, 513, 2006 },
        { 0x1, "192.0.2.255", 40000, HashInput.IpIdentification, 513, 833 },
        { 0x1, "fd00:1::7", 40000, HashInput.Address, 513, 2329 },
        { 0x1, "fd00:1::7", 40000, HashInput.AddressAndPort, 513, 3225 },
        { 0x1, "fd00:1::7", 40000, HashInput.IpIdentification, 513, 2329 },
        { 0x1, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.Address, 513, 3167 },
        { 0x1, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.AddressAndPort, 513, 3286 },
        { 0x1, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.IpIdentification, 513, 3167 },
        { 0x123456789abcdef, "10.1.0.7", 40000, HashInput.Address, 513, 476 },
        { 0x123456789abcdef, "10.1.0.7", 40000, HashInput.AddressAndPort, 513, 596 },
        { 0x123456789abcdef, "10.1.0.7", 40000, HashInput.IpIdentification, 513, 1898 },
        { 0x123456789abcdef, "192.0.2.255", 40000, HashInput.Address, 513, 3473 },
        { 0x123456789abcdef, "192.0.2.255", 40000, HashInput.AddressAndPort, 513, 3564 },
        { 0x123456789abcdef, "192.0.2.255", 40000, HashInput.IpIdentification, 513, 3778 },
        { 0x123456789abcdef, "fd00:1::7", 40000, HashInput.Address, 513, 2707 },
        { 0x123456789abcdef, "fd00:1::7", 40000, HashInput.AddressAndPort, 513, 3982 },
        { 0x123456789abcdef, "fd00:1::7", 40000, HashInput.IpIdentification, 513, 2707 },
        { 0x123456789abcdef, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.Address, 513, 107 },
        { 0x123456789abcdef, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.AddressAndPort, 513, 2557 },
        { 0x123456789abcdef, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.IpIdentification, 513, 107 },
        { 0xffffffffffffffff, "10.1.0.7", 40000, HashInput.Address, 513, 149 },
        { 0xffffffffffffffff, "10.1.0.7", 40000, HashInput.AddressAndPort, 513, 440 },
        { 0xffffffffffffffff, "10.1.0.7", 40000, HashInput.IpIdentification, 513, 514 },
        { 0xffffffffffffffff, "192.0.2.255", 40000, HashInput.Address, 513, 2817 },
        { 0xffffffffffffffff, "192.0.2.255", 40000, HashInput.AddressAndPort, 513, 3849 },
        { 0xffffffffffffffff, "192.0.2.255", 40000, HashInput.IpIdentification, 513, 1044 },
        { 0xffffffffffffffff, "fd00:1::7", 40000, HashInput.Address, 513, 3825 },
        { 0xffffffffffffffff, "fd00:1::7", 40000, HashInput.AddressAndPort, 513, 2563 },
        { 0xffffffffffffffff, "fd00:1::7", 40000, HashInput.IpIdentification, 513, 3825 },
        { 0xffffffffffffffff, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.Address, 513, 2443 },
        { 0xffffffffffffffff, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.AddressAndPort, 513, 3937 },
        { 0xffffffffffffffff, "2001:db8:ffff:1:2:3:4:5", 40000, HashInput.IpIdentification, 513, 2443 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Twin(ulong seed, string client, ushort port, HashInput input, ushort ipId, uint bucket) =>
        Assert.Equal(bucket, FilterHash.Bucket(seed, IPAddress.Parse(client), port, input, ipId));

    [RootFact]
    public void Kernel()
    {
        using var kernel = new KernelNode();
        foreach (object?[] row in (IEnumerable<object?[]>)Vectors())
        {
            (ulong seed, IPAddress client, ushort port) = ((ulong)row[0]!, IPAddress.Parse((string)row[1]!), (ushort)row[2]!);
            bool v6 = client.GetAddressBytes().Length == 16;
            FilterRule rule = new(RuleProtocol.Udp, null, (HashInput)row[3]!, 0);
            IPAddress vip = v6 ? World.Vip6 : World.Vip;
            kernel.Set(new DecisionState(new FilterPlan(seed, [new("lo")],
                [new(vip, "lo", World.VirtualMac, [rule])], [new(0, "vectors")])));
            PacketBuilder frame = v6
                ? World.ToVip().Ip(client, vip, PacketTable.UdpProtocol)
                : World.ToVip().Ipv4(client, vip, PacketTable.UdpProtocol, (ushort)row[4]!);
            Assert.Equal((int)(uint)row[5]!, kernel.Trace(frame.Udp(port, 9).Build()).Bucket);
        }
    }

    [Fact]
    public void ClientsAreSpreadEvenly()
    {
        const int Clients = 1 << 16;
        int[] quarters = new int[4];
        for (int i = 0; i < Clients; i++)
            quarters[FilterHash.Bucket(7, [10, 1, (byte)(i >> 8), (byte)i], 0, HashInput.Address, 0) / (Limits.BucketsPerGroup / 4)]++;
        Assert.All(quarters, count => Assert.InRange(count, Clients / 4 * 97 / 100, Clients / 4 * 103 / 100));
    }

    [Fact]
    public void TheSeedMatters() =>
        Assert.NotEqual(
            Enumerable.Range(0, 16).Select(i => FilterHash.Bucket(1, [10, 1, 0, (byte)i], 0, HashInput.Address, 0)),
            Enumerable.Range(0, 16).Select(i => FilterHash.Bucket(2, [10, 1, 0, (byte)i], 0, HashInput.Address, 0)));
}
