namespace SafeKit.Modules;

/// <summary>What a checker knows: nothing yet, up, or down.</summary>
public enum ResourceValue
{
    Init = 0,
    Up = 1,
    Down = 2,
}
