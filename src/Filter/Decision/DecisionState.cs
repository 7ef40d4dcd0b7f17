using System.Buffers.Binary;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>Everything that a decision depends on besides the packet: one node at one instant.</summary>
public sealed class DecisionState
{
    private readonly Dictionary<(bool IsIpv6, UInt128 Address), Destination> _destinations = [];

    public DecisionState(FilterPlan plan)
    {
        Plan = plan;
        Rows = [.. plan.Groups.Select(_ => new byte[Limits.BucketsPerGroup])];
        Routes = [.. plan.Groups.Select(_ => NobodyEverywhere())];
        foreach (FilterAddress address in plan.Addresses)
        {
            ReadOnlySpan<byte> bytes = address.Address.GetAddressBytes();
            UInt128 number = bytes.Length == 4
                ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
                : BinaryPrimitives.ReadUInt128BigEndian(bytes);
            FilterRule[] rules = [.. address.Rules.Where(rule => rule.Protocol != RuleProtocol.Arp)];
            _destinations.Add((bytes.Length == 16, number), new Destination(address, rules));
        }
    }

    public FilterPlan Plan { get; }

    /// <summary>Per group of the plan, one <see cref="RowFlags"/> per bucket.</summary>
    public byte[][] Rows { get; }

    /// <summary>Directed: per group of the plan, the owners of all buckets and then the former owners; 0xff: nobody.</summary>
    public byte[][] Routes { get; }

    /// <summary>Directed: the MACs of the nodes whose MAC is known, on the one interface that the state is about.</summary>
    public Dictionary<int, MacAddress> Members { get; } = [];

    /// <summary>Per slot, the end of the lease on the monotonic clock; 0: closed.</summary>
    public long[] LeasesUntilNs { get; } = new long[Layout.SharedLimits.SlotsMax];

    public long NowNs { get; set; }

    /// <summary>Whether this node's kernel has a socket, other than a listening one, for a connection.</summary>
    public Func<ConnectionTuple, bool> HoldsConnection { get; set; } = _ => false;

    /// <summary>Whether every former holder has said that it does not have a connection (see <see cref="PacketFilter.MarkOrphan"/>).</summary>
    public Func<ConnectionTuple, bool> IsOrphan { get; set; } = _ => false;

    /// <summary>Null: first fragments are not remembered, as in a trace.</summary>
    public FragmentMemory? Fragments { get; set; }

    internal Destination? Find(bool isIpv6, UInt128 address) => _destinations.GetValueOrDefault((isIpv6, address));

    private static byte[] NobodyEverywhere()
    {
        byte[] routes = new byte[Limits.RouteHolders * Limits.BucketsPerGroup];
        Array.Fill(routes, Layout.SharedLimits.NoNode);
        return routes;
    }

    /// <summary>A virtual address, and its rules without those about ARP.</summary>
    internal sealed record Destination(FilterAddress Address, FilterRule[] Rules)
    {
        public string Interface => Address.Interface;

        public bool IsDirected => Address.IsDirected;
    }
}
