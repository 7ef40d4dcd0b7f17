using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>Directed addresses: <c>ebpf/forward.h</c> and <c>ebpf/entry.h</c>.</summary>
public static partial class PacketDecision
{
    /// <summary>Exactly one node answers each client that asks: the owner of its bucket in the group that decides about entries.</summary>
    private static TraceVerdict JudgeEntry(
        DecisionState state, DecisionState.Destination asked, ReadOnlySpan<byte> question, bool isIpv6)
    {
        if (asked.Address.EntryGroup is not { } group)
            return new TraceVerdict(FilterReason.NoRule, null, null);
        var asker = new ParsedPacket { IsIpv6 = isIpv6, Client = isIpv6 ? Address6(question, 8) : U32(question, 14) };
        int bucket = BucketOf(state.Plan.HashSeed, asker, HashInput.Address);
        FilterReason reason = !((RowFlags)state.Rows[group][bucket]).HasFlag(RowFlags.Mine) ? FilterReason.NotMine
            : LeaseHolds(state, state.Plan.Groups[group].Slot) ? FilterReason.NeighbourQuery
            : FilterReason.LeaseExpired;
        return new TraceVerdict(reason, group, bucket);
    }

    /// <summary>What this node would drop because it is not its own goes on, to the highest of those who may have it.</summary>
    private static TraceVerdict SendOn(
        DecisionState state, DecisionState.Destination destination, in ParsedPacket packet, TraceVerdict verdict)
    {
        if (verdict.Reason is not (FilterReason.NotMine or FilterReason.ResetHeld))
            return verdict;
        byte[] routes = state.Routes[verdict.Group!.Value];
        int bucket = verdict.Bucket!.Value;
        bool mayContinue = packet.Protocol == Tcp && !packet.Opens;
        int? sender = SenderOf(state, packet);
        int? next = null;
        for (int i = 0; i < (mayContinue ? Limits.RouteHolders : 1); i++)
        {
            int holder = routes[(i * Limits.BucketsPerGroup) + bucket];
            if (MayHave(holder, destination.Address.Self, sender) && !(holder <= next))
                next = holder;
        }
        if (next is { } node)
        {
            FilterReason sent = node == routes[bucket] ? FilterReason.Forwarded : FilterReason.ForwardedFormer;
            return SendTo(state, node, verdict with { Reason = sent });
        }
        if (verdict.Reason == FilterReason.ResetHeld)
            return verdict;
        return verdict with { Reason = sender is null ? FilterReason.ForwardUnknown : FilterReason.ForwardEnded };
    }

    /// <summary>A later fragment goes where the first one went, if it may.</summary>
    private static TraceVerdict FollowFirst(
        DecisionState state, DecisionState.Destination destination, in ParsedPacket packet, int next, TraceVerdict verdict) =>
        destination.IsDirected && MayHave(next, destination.Address.Self, SenderOf(state, packet))
            ? SendTo(state, next, verdict)
            : verdict with { Reason = FilterReason.ForwardEnded };

    private static TraceVerdict SendTo(DecisionState state, int node, TraceVerdict verdict) => state.Members.ContainsKey(node)
        ? verdict with { Next = node }
        : verdict with { Reason = FilterReason.ForwardUnknown };

    /// <summary>Behind the first hop the numbers fall: so no packet goes round, whatever the tables say.</summary>
    private static bool MayHave(int node, int self, int? sender) =>
        node < Limits.NodesMax && node != self && node != sender && (sender is null || node < self);

    private static int? SenderOf(DecisionState state, in ParsedPacket packet)
    {
        foreach ((int node, MacAddress mac) in state.Members)
        {
            if (mac == packet.Source)
                return node;
        }
        return null;
    }
}
