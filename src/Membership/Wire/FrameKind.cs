namespace SafeKit.Membership;

/// <summary>Second byte of every frame; values are part of the wire and never reused.</summary>
public enum FrameKind : byte
{
    Heartbeat = 1,
    ViewPart = 2,

    /// <summary>Between the two nodes of a mirror.</summary>
    Heart = 3,

    /// <summary>What a node knows of the buckets of one group.</summary>
    BucketReport = 4,

    /// <summary>A part of a view that is told as a difference to another one.</summary>
    ViewDifferencePart = 5,
}
