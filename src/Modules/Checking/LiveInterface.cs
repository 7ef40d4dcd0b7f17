using System.Net;

namespace SafeKit.Modules;

/// <summary>A network interface as it is on this node, with its addresses and their prefix lengths.</summary>
public sealed record LiveInterface(string Name, bool IsLoopback, IReadOnlyList<(IPAddress Address, int PrefixLength)> Addresses);
