using System.Buffers.Binary;
using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>
/// The twin of <c>ebpf/decide.h</c>: the same inputs give the same verdict, reason, group and bucket. Nothing but its
/// arguments counts (and <see cref="DecisionState.Fragments"/>, which it fills). A difference between the two is a bug.
/// </summary>
public static partial class PacketDecision
{
    private const ushort EthertypeIpv4 = 0x0800;
    private const ushort EthertypeArp = 0x0806;
    private const ushort EthertypeIpv6 = 0x86dd;
    private const ushort EthertypeVlan = 0x8100;
    private const ushort EthertypeServiceVlan = 0x88a8;
    private const int EthernetBytes = 14;
    private const int VlanBytes = 4;

    /// <summary>What becomes of a frame that arrives on the interface.</summary>
    public static TraceVerdict Decide(DecisionState state, ReadOnlySpan<byte> frame, string interfaceName)
    {
        ushort protocol = ParseEthernet(frame, out int offset);
        DecisionState.Destination? asked = null;
        FilterReason reason = protocol switch
        {
            EthertypeArp => JudgeArp(state, frame[offset..], interfaceName, out asked),
            EthertypeIpv6 => JudgeNeighbour(state, frame[offset..], interfaceName, out asked),
            _ => FilterReason.Other,
        };
        if (reason == FilterReason.NeighbourQuery && asked is { IsDirected: true })
            return JudgeEntry(state, asked, frame[offset..], protocol == EthertypeIpv6);
        if (reason != FilterReason.Other || protocol is not (EthertypeIpv4 or EthertypeIpv6))
            return new TraceVerdict(reason, null, null);
        return DecideIp(state, frame, offset, protocol == EthertypeIpv6, interfaceName);
    }

    private static ushort ParseEthernet(ReadOnlySpan<byte> frame, out int offset)
    {
        offset = EthernetBytes;
        if (frame.Length < EthernetBytes)
            return 0;
        ushort protocol = U16(frame, EthernetBytes - 2);
        for (int i = 0; i < SharedLimits.VlanTagsMax && protocol is EthertypeVlan or EthertypeServiceVlan; i++)
        {
            if (frame.Length < offset + VlanBytes)
                return 0;
            protocol = U16(frame, offset + 2);
            offset += VlanBytes;
        }
        return protocol;
    }

    private static TraceVerdict DecideIp(DecisionState state, ReadOnlySpan<byte> frame, int offset, bool isIpv6, string interfaceName)
    {
        int headerBytes = isIpv6 ? Ipv6Bytes : Ipv4Bytes;
        if (frame.Length < offset + headerBytes)
            return new TraceVerdict(FilterReason.Other, null, null);
        UInt128 destination = isIpv6 ? Address6(frame, offset + 24) : U32(frame, offset + 16);
        DecisionState.Destination? found = state.Find(isIpv6, destination);
        if (found is null)
            return new TraceVerdict(FilterReason.Other, null, null);
        var packet = new ParsedPacket { IsIpv6 = isIpv6, Address = destination, Source = MacAddress.Read(frame[MacAddress.Bytes..]) };
        if (found.IsDirected && (found.Interface != interfaceName || MacAddress.Read(frame) != found.Address.VirtualMac))
            return new TraceVerdict(FilterReason.NotAddressed, null, null);
        FilterReason? stop = isIpv6 ? ParseIpv6(ref packet, frame, offset) : ParseIpv4(ref packet, frame, offset);
        return stop is { } reason ? new TraceVerdict(reason, null, null) : Judge(state, found, packet);
    }

    private static TraceVerdict Judge(DecisionState state, DecisionState.Destination destination, in ParsedPacket packet)
    {
        if (packet.IsLaterFragment)
            return JudgeLaterFragment(state, destination, packet);
        FilterRule? rule = MatchRule(destination.Rules, packet);
        if (rule is null)
            return new TraceVerdict(FilterReason.NoRule, null, null);
        int bucket = BucketOf(state.Plan.HashSeed, packet, packet.IsEcho ? HashInput.Address : rule.Input);
        int slot = state.Plan.Groups[rule.Group].Slot;
        FilterReason reason = ReasonOfRow(state, packet, (RowFlags)state.Rows[rule.Group][bucket]);
        if (reason.Verdict() == FilterVerdict.Take && !LeaseHolds(state, slot))
            reason = FilterReason.LeaseExpired;
        var verdict = new TraceVerdict(reason, rule.Group, bucket);
        if (destination.IsDirected)
            verdict = SendOn(state, destination, packet, verdict);
        if (packet.IsFirstFragment)
        {
            bool isTaken = verdict.Verdict is FilterVerdict.Take or FilterVerdict.Forward;
            state.Fragments?.Remember(FragmentKeyOf(packet), new FragmentMemory.Value(isTaken, slot, rule.Group, bucket, verdict.Next));
        }
        return verdict;
    }

    private static TraceVerdict JudgeLaterFragment(DecisionState state, DecisionState.Destination destination, in ParsedPacket packet)
    {
        if (state.Fragments?.Find(FragmentKeyOf(packet)) is not { } first)
            return new TraceVerdict(FilterReason.FragmentUnknown, null, null);
        if (first.Next is { } next)
            return FollowFirst(state, destination, packet, next, new TraceVerdict(FilterReason.Forwarded, first.Group, first.Bucket));
        FilterReason reason = !first.IsTaken ? FilterReason.FragmentDropped
            : LeaseHolds(state, first.Slot) ? FilterReason.TakenFragment
            : FilterReason.LeaseExpired;
        return new TraceVerdict(reason, first.Group, first.Bucket);
    }

    private static FilterRule? MatchRule(FilterRule[] rules, in ParsedPacket packet)
    {
        foreach (FilterRule rule in rules)
        {
            bool matches = (byte)rule.Protocol == packet.Protocol && (rule.Port is null || rule.Port == packet.Port);
            if (packet.IsEcho || matches)
                return rule;
        }
        return null;
    }

    private static FilterReason ReasonOfRow(DecisionState state, in ParsedPacket packet, RowFlags row)
    {
        bool mayContinue = packet.Protocol == Tcp && !packet.Opens;
        var tuple = new ConnectionTuple(packet.IsIpv6, packet.Client, packet.ClientPort, packet.Address, packet.Port);
        if (row.HasFlag(RowFlags.Mine))
        {
            bool isHeld = row.HasFlag(RowFlags.HoldResets) && mayContinue && !state.HoldsConnection(tuple) && !state.IsOrphan(tuple);
            return isHeld ? FilterReason.ResetHeld : FilterReason.Taken;
        }
        bool continues = row.HasFlag(RowFlags.MayHoldConnections) && mayContinue && state.HoldsConnection(tuple);
        return continues ? FilterReason.TakenConnection : FilterReason.NotMine;
    }

    private static bool LeaseHolds(DecisionState state, int slot) => state.LeasesUntilNs[slot] > state.NowNs;

    private static int BucketOf(ulong seed, in ParsedPacket packet, HashInput input)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, packet.Client);
        ushort ipId = packet.Protocol == Udp ? packet.IpIdentification : (ushort)0;
        return (int)FilterHash.Bucket(seed, packet.IsIpv6 ? bytes : bytes[12..], packet.ClientPort, input, ipId);
    }

    /// <summary>A later fragment of IPv6 does not know the protocol; its identification is unique per pair of addresses.</summary>
    private static FragmentMemory.Key FragmentKeyOf(in ParsedPacket packet) =>
        new(packet.IsIpv6, packet.Client, packet.Address, packet.FragmentIdentification, packet.IsIpv6 ? (byte)0 : packet.Protocol);

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    private static UInt128 Address6(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt128BigEndian(bytes[offset..]);
}
