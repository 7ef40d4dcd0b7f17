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
        foreach (FilterAddress address in plan.Addresses)
        {
            ReadOnlySpan<byte> bytes = address.Address.GetAddressBytes();
            UInt128 number = bytes.Length == 4
                ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
                : BinaryPrimitives.ReadUInt128BigEndian(bytes);
            FilterRule[] rules = [.. address.Rules.Where(rule => rule.Protocol != RuleProtocol.Arp)];
            _destinations.Add((bytes.Length == 16, number), new Destination(address.Interface, rules));
        }
    }

    public FilterPlan Plan { get; }

    /// <summary>Per group of the plan, one <see cref="RowFlags"/> per bucket.</summary>
    public byte[][] Rows { get; }

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

    internal sealed record Destination(string Interface, FilterRule[] Rules);
}
