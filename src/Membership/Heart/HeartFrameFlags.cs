namespace SafeKit.Membership;

/// <summary>What a heart says of itself; bits are part of the wire and never reused.</summary>
[Flags]
public enum HeartFrameFlags : byte
{
    None = 0,

    /// <summary>The sender's lease of the virtual address is in force, or begins with this heartbeat.</summary>
    HoldsAddress = 1,

    /// <summary>The sender waits for a heartbeat that has seen this one: answer at once.</summary>
    AsksAnswer = 2,
}
