namespace SafeKit.Modules;

/// <summary>Attribute <c>action</c> of a checker (reference section 5.2).</summary>
public enum CheckerAction
{
    Restart = 0,
    StopStart = 1,
    Stop = 2,
    NoAction = 3,
    Wait = 4,
}
