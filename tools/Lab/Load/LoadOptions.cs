namespace SafeKit.Lab.Load;

/// <summary>How a client loads the virtual address.</summary>
public sealed record LoadOptions
{
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Long enough that a request survives one or two SYN retransmissions (1 s, then 2 s) as a slow success.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3.5);

    /// <summary>Requests that may wait for their answer at once; at the limit the client waits instead of sending more.</summary>
    public int PendingMax { get; init; } = 2000;

    /// <summary>Every how many-th request goes to the IPv6 address; 0 for none.</summary>
    public int EveryNthIPv6 { get; init; } = 4;
}
