namespace SafeKit.Modules;

/// <summary>What a node was when both were last together: decides which of two nodes that both lead stays (reference section 2.4).</summary>
public enum MirrorFormerRole
{
    None = 0,
    Primary = 1,
    Secondary = 2,
}
