namespace SafeKit.Mirror.Generations;

/// <summary>What a node was when both were last together.</summary>
public enum FormerRole
{
    None = 0,
    Primary = 1,
    Secondary = 2,
}
