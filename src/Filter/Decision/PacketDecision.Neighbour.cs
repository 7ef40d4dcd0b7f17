namespace SafeKit.Filter;

/// <summary>ARP and neighbour discovery that concern a virtual address.</summary>
public static partial class PacketDecision
{
    private const int ArpBytes = 28;
    private const int NeighbourBytes = 24;

    private static FilterReason JudgeArp(DecisionState state, ReadOnlySpan<byte> arp, string interfaceName, out DecisionState.Destination? asked)
    {
        asked = null;
        if (arp.Length < ArpBytes || U16(arp, 2) != EthertypeIpv4 || arp[4] != 6 || arp[5] != 4)
            return FilterReason.Other;
        uint sender = U32(arp, 14);
        if (state.Find(isIpv6: false, sender) is not null)
            return FilterReason.NeighbourClaim;
        asked = state.Find(isIpv6: false, U32(arp, 24));
        if (U16(arp, 6) != 1 || asked is null)
            return FilterReason.Other;
        if (sender == 0)
            return FilterReason.NeighbourProbe;
        return asked.Interface == interfaceName ? FilterReason.NeighbourQuery : FilterReason.NeighbourElsewhere;
    }

    private static FilterReason JudgeNeighbour(
        DecisionState state, ReadOnlySpan<byte> packet, string interfaceName, out DecisionState.Destination? asked)
    {
        asked = null;
        if (packet.Length < Ipv6Bytes + NeighbourBytes || packet[6] != Icmpv6)
            return FilterReason.Other;
        ReadOnlySpan<byte> message = packet[Ipv6Bytes..];
        if (message[0] is not (135 or 136))
            return FilterReason.Other;
        asked = state.Find(isIpv6: true, Address6(message, 8));
        if (asked is null)
            return FilterReason.Other;
        if (message[0] == 136)
            return FilterReason.NeighbourClaim;
        if (packet[7] != 255 || message[1] != 0)
            return FilterReason.Malformed;
        if (Address6(packet, 8) == 0)
            return FilterReason.NeighbourProbe;
        return asked.Interface == interfaceName ? FilterReason.NeighbourQuery : FilterReason.NeighbourElsewhere;
    }
}
