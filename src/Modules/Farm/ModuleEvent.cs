namespace SafeKit.Modules;

/// <summary>
/// What can happen to a module. An <c>Identity</c> marks an order given by a rule or a script (<c>-i name</c>), which counts
/// against <c>maxloop</c>; an administrator's order has none and resets the counter.
/// </summary>
public abstract record ModuleEvent
{
    private ModuleEvent()
    {
    }

    public sealed record Start(string? Identity = null) : ModuleEvent;

    /// <summary>
    /// A restarted daemon found the module up, its traffic open or closed as told. <paramref name="ScriptOpened"/>: the last that the
    /// module's scripts said was to open it (<c>scriptcontrol="on"</c>).
    /// </summary>
    public sealed record Adopted(bool TrafficOpen, bool Drained = false, bool ScriptOpened = false) : ModuleEvent;

    public sealed record Stop(string? Identity = null) : ModuleEvent;

    public sealed record Restart(string? Identity = null) : ModuleEvent;

    public sealed record StopStart(string? Identity = null) : ModuleEvent;

    /// <summary>No new connections until <see cref="Undrain"/>, or until the module has been stopped.</summary>
    public sealed record Drain(string? Identity = null) : ModuleEvent;

    public sealed record Undrain(string? Identity = null) : ModuleEvent;

    /// <summary>A script that was asked for by <see cref="ModuleAction.RunScript"/> has ended.</summary>
    public sealed record ScriptEnded(
        string Name, int ExitCode, bool TimedOut = false, bool Found = true, string Problem = "") : ModuleEvent
    {
        public static ScriptEnded From(ScriptOutcome outcome) =>
            new(outcome.Script, outcome.ExitCode, outcome.TimedOut, outcome.Found, outcome.Problem);
    }

    public sealed record CheckerChanged(string Resource, ResourceValue Value, string Reason = "") : ModuleEvent;

    /// <summary>
    /// After the <see cref="ModuleAction.CloseTraffic"/> of this number: the share is handed over and no connection is left.
    /// </summary>
    public sealed record TrafficReleased(long Number) : ModuleEvent;

    /// <summary>Traffic opened or closed by the module's own script (<c>scriptcontrol="on"</c>).</summary>
    public sealed record TrafficCommand(bool Open) : ModuleEvent;

    /// <summary>Time has passed <see cref="FarmModuleState.DeadlineNs"/>; harmless at any other time.</summary>
    public sealed record Tick : ModuleEvent;
}
