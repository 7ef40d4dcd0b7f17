namespace SafeKit.Cli;

/// <summary>Exit codes of <c>safekit</c>; those of <c>state -lq</c> are the users' own (reference section 2.1).</summary>
public static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary><c>state -lq</c> when there is no state to tell: the daemon does not answer, or the module does not exist.</summary>
    public const int StateUnknown = 255;

    public static int OfState(string state) => state switch
    {
        "STOP" => 0,
        "WAIT" => 1,
        "ALONE" or "UP" => 2,
        "PRIM" => 3,
        "SECOND" => 4,
        _ => StateUnknown,
    };
}
