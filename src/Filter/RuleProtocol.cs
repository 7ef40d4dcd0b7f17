namespace SafeKit.Filter;

/// <summary>Attribute <c>proto</c> of a rule; the numbers are those of IP, where IP has one.</summary>
public enum RuleProtocol : byte
{
    /// <summary>For <c>vmac_directed</c>: who answers ARP and neighbour discovery. Without effect in <c>vmac_invisible</c>.</summary>
    Arp = 0,
    Tcp = 6,
    Udp = 17,
}
