using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Packets;

namespace SafeKit.Filter.Tests.Support;

/// <summary>A farm in vmac_directed: nodes numbered from 0, each with a MAC of its own, all on one network.</summary>
internal static class DirectedWorld
{
    public const int Group = World.WebSlot;

    private static readonly FilterRule[] _rules =
    [
        new(RuleProtocol.Arp, null, HashInput.Address, 1),
        new(RuleProtocol.Tcp, 80, HashInput.Address, 0),
        new(RuleProtocol.Tcp, 443, HashInput.AddressAndPort, 0),
        new(RuleProtocol.Udp, 53, HashInput.AddressAndPort, 1),
        new(RuleProtocol.Udp, 5000, HashInput.IpIdentification, 1),
    ];

    public static MacAddress MacOf(int node) => new(0x02_00_00_00_10_00UL + (ulong)node);

    /// <summary>A node that knows all others, holds nothing, and may act.</summary>
    public static DecisionState State(int self, int nodes, long leaseMs = 3_600_000)
    {
        var plan = new FilterPlan(
            World.Seed,
            [new("lo"), new("other")],
            [
                Address(World.Vip, "lo", self, _rules),
                Address(World.Vip6, "lo", self, _rules),
                Address(World.Bare, "lo", self, []),
                Address(World.Elsewhere, "other", self, _rules),
            ],
            [new(World.WebSlot, "web"), new(World.NameSlot, "name")]);
        var state = new DecisionState(plan) { NowNs = MonotonicClock.NowNs };
        for (int other = 0; other < nodes; other++)
        {
            if (other != self)
                state.Members.Add(other, MacOf(other));
        }
        long untilNs = leaseMs == 0 ? 0 : state.NowNs + MonotonicClock.FromMs(leaseMs);
        state.LeasesUntilNs[World.WebSlot] = untilNs;
        state.LeasesUntilNs[World.NameSlot] = untilNs;
        return state;
    }

    /// <summary>Every bucket of every group alike.</summary>
    public static DecisionState With(this DecisionState state, RowFlags row, params int[] holders)
    {
        for (int group = 0; group < state.Rows.Length; group++)
        {
            Array.Fill(state.Rows[group], (byte)row);
            for (int i = 0; i < Limits.RouteHolders; i++)
            {
                byte holder = i < holders.Length ? (byte)holders[i] : SharedLimits.NoNode;
                Array.Fill(state.Routes[group], holder, i * Limits.BucketsPerGroup, Limits.BucketsPerGroup);
            }
        }
        return state;
    }

    public static PacketBuilder To(int node, MacAddress? source = null) => PacketBuilder.Ethernet(MacOf(node), source ?? World.ClientMac);

    private static FilterAddress Address(System.Net.IPAddress address, string name, int self, FilterRule[] rules) =>
        new(address, name, MacOf(self), rules) { IsDirected = true, Self = self };
}
