namespace SafeKit.Modules;

/// <summary>State of a mirror module (reference section 2.1); the numbers are the exit codes of <c>safekit state -lq</c>.</summary>
public enum MirrorState
{
    Stop = 0,
    Wait = 1,
    Alone = 2,
    Prim = 3,
    Second = 4,

    /// <summary>Of the other node: it was never heard.</summary>
    Unknown = 5,
}
