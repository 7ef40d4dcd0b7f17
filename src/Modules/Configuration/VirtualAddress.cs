using System.Net;

namespace SafeKit.Modules;

/// <summary>A virtual address. <see cref="PrefixLength"/> is null when the interface's own mask applies.</summary>
public sealed record VirtualAddress(
    string Addr,
    IPAddress Address,
    AddressPlacement Where,
    bool Check,
    bool Connections,
    int? PrefixLength,
    SourcePlace Place = default);
