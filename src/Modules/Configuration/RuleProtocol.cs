namespace SafeKit.Modules;

/// <summary>Attribute <c>proto</c> of a load-balancing <c>rule</c>, by IP protocol number.</summary>
public enum RuleProtocol : byte
{
    /// <summary>Of no IP protocol: who answers ARP and neighbour discovery in <c>vmac_directed</c>.</summary>
    Arp = 0,
    Tcp = 6,
    Udp = 17,
}
