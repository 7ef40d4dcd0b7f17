namespace SafeKit.Bench.Packets;

/// <summary>What the generator sends.</summary>
internal enum TrafficKind
{
    Ipv4,
    Ipv6,

    /// <summary>
    /// IPv4 from addresses that a host refuses when it looks for a route (127/8 from outside): what is taken ends right
    /// behind the last place where a filter can stand, so that the filters' work is measured and not a socket's.
    /// </summary>
    Ipv4Refused,
}
