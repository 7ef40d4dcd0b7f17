namespace SafeKit.Membership;

/// <summary>The newest heartbeat that was heard of the receiver: its life, its number, and when it sent it (its own clock).</summary>
public readonly record struct HeartbeatEcho(ulong Incarnation, ulong Sequence, long SentNs);
