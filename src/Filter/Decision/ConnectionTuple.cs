namespace SafeKit.Filter;

/// <summary>A TCP connection as the filter asks the kernel for it. Addresses as numbers; IPv4 in the low 32 bits.</summary>
public readonly record struct ConnectionTuple(
    bool IsIpv6,
    UInt128 Client,
    ushort ClientPort,
    UInt128 Address,
    ushort Port);
