using System.Net;

namespace SafeKit.Filter;

/// <summary>A virtual address, the interface that carries it, the MAC that answers for it, and its rules in order.</summary>
public sealed record FilterAddress(
    IPAddress Address,
    string Interface,
    MacAddress VirtualMac,
    IReadOnlyList<FilterRule> Rules);
