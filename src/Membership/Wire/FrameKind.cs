namespace SafeKit.Membership;

/// <summary>Second byte of every frame; values are part of the wire and never reused.</summary>
public enum FrameKind : byte
{
    Heartbeat = 1,
    ViewPart = 2,

    /// <summary>Between the two nodes of a mirror.</summary>
    Heart = 3,
}
