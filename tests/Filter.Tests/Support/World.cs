using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;

namespace SafeKit.Filter.Tests.Support;

/// <summary>The plan of the packet table, and short names for its addresses.</summary>
internal static class World
{
    public const ulong Seed = 0x0123456789abcdef;
    public const int WebSlot = 0;
    public const int NameSlot = 5;

    public static readonly IPAddress Vip = IPAddress.Parse("10.1.0.100");
    public static readonly IPAddress Vip6 = IPAddress.Parse("fd00:1::100");
    public static readonly IPAddress Bare = IPAddress.Parse("10.1.0.101");
    public static readonly IPAddress Wild = IPAddress.Parse("10.1.0.102");
    public static readonly IPAddress Elsewhere = IPAddress.Parse("10.2.0.100");
    public static readonly IPAddress Elsewhere6 = IPAddress.Parse("fd00:2::100");
    public static readonly IPAddress Client = IPAddress.Parse("10.1.0.7");
    public static readonly IPAddress Client6 = IPAddress.Parse("fd00:1::7");
    public static readonly IPAddress Node = IPAddress.Parse("10.1.0.1");
    public static readonly IPAddress Node6 = IPAddress.Parse("fd00:1::1");
    public static readonly MacAddress VirtualMac = MacAddress.ForVirtualAddress(Vip);
    public static readonly MacAddress ClientMac = MacAddress.Parse("02:00:00:00:00:07");
    public static readonly MacAddress Broadcast = MacAddress.Parse("ff:ff:ff:ff:ff:ff");

    private static readonly FilterRule[] _rules =
    [
        new(RuleProtocol.Arp, null, HashInput.Address, 0),
        new(RuleProtocol.Tcp, 80, HashInput.Address, 0),
        new(RuleProtocol.Tcp, 443, HashInput.AddressAndPort, 0),
        new(RuleProtocol.Udp, 53, HashInput.AddressAndPort, 1),
        new(RuleProtocol.Udp, 5000, HashInput.IpIdentification, 1),
    ];

    private static readonly FilterRule[] _wildRules =
    [
        new(RuleProtocol.Tcp, 80, HashInput.Address, 1),
        new(RuleProtocol.Tcp, null, HashInput.AddressAndPort, 0),
        new(RuleProtocol.Udp, null, HashInput.Address, 1),
    ];

    public static FilterPlan Plan { get; } = new(
        Seed,
        [new("lo"), new("other")],
        [
            Address(Vip, "lo", _rules),
            Address(Vip6, "lo", _rules),
            Address(Bare, "lo", []),
            Address(Wild, "lo", _wildRules),
            Address(Elsewhere, "other", _rules),
            Address(Elsewhere6, "other", _rules),
        ],
        [new(WebSlot, "web"), new(NameSlot, "name")]);

    public static DecisionState State(RowFlags rows = RowFlags.Mine, long leaseMs = 3_600_000)
    {
        var state = new DecisionState(Plan) { NowNs = MonotonicClock.NowNs };
        foreach (byte[] group in state.Rows)
            Array.Fill(group, (byte)rows);
        long untilNs = leaseMs == 0 ? 0 : state.NowNs + MonotonicClock.FromMs(leaseMs);
        state.LeasesUntilNs[WebSlot] = untilNs;
        state.LeasesUntilNs[NameSlot] = untilNs;
        return state;
    }

    public static PacketBuilder ToVip() => PacketBuilder.Ethernet(VirtualMac, ClientMac);

    private static FilterAddress Address(IPAddress address, string name, FilterRule[] rules) =>
        new(address, name, MacAddress.ForVirtualAddress(address), rules);
}
